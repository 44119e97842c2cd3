/** About 300 bytes of JSON; every field a scalar, so that each contestant can hold it as it is. */
export interface Contact {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly tag: string
  readonly company: string
  readonly note: string
  readonly version: number
}

export const TAGS = 50

const NOTE = 'Met at the conference in spring; prefers a call in the morning, and answers mail within a day'

export const idOf = (number: number): string => `contact-${String(number).padStart(7, '0')}`

export const tagOf = (number: number): string => `group-${number % TAGS}`

export function contactOf(number: number, version = 0): Contact {
  return {
    id: idOf(number),
    name: `Person ${String((number * 7919) % 1_000_003).padStart(7, '0')}`,
    email: `person.${number}@example.org`,
    phone: `+49 30 ${String(number).padStart(7, '0')}`,
    tag: tagOf(number),
    company: `Company ${number % 1009}`,
    note: NOTE,
    version,
  }
}

export function contactsFrom(first: number, count: number, version = 0): Contact[] {
  return Array.from({ length: count }, (_, at) => contactOf(first + at, version))
}

export interface Digest {
  readonly count: number
  readonly sum: number
}

/** Independent of order; counts whole contents, so a document that is missing, doubled or old shows. */
export function digestOf(contacts: Iterable<Contact>): Digest {
  let count = 0
  let sum = 0
  for (const contact of contacts) {
    count++
    sum = (sum + hashOf(contact)) >>> 0
  }
  return { count, sum }
}

function hashOf({ id, name, email, phone, tag, company, note, version }: Contact): number {
  let hash = 0x811c9dc5
  const text = [id, name, email, phone, tag, company, note, version].join('\u0000')
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
