import { formatHlc, HoldfastError, type RemoteChange, type RemoteStore } from '@holdfast/core'

export interface Contact {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly tags: readonly string[]
  readonly note: string
}

const REPLICA = '5e12e20000000000'
const NOTE = 'Met at the conference in spring; prefers a call in the morning, and answers mail within a day. '

export const idOf = (number: number): string => `contact-${String(number).padStart(6, '0')}`

/** About 300 bytes of JSON. */
export function contactOf(number: number): Contact {
  return {
    id: idOf(number),
    name: `Person ${(number * 7919) % 100_003}`,
    email: `person.${number}@example.org`,
    phone: `+49 30 ${String(number).padStart(7, '0')}`,
    tags: [`group-${number % 50}`, number % 2 === 0 ? 'even' : 'odd'],
    note: NOTE,
  }
}

/** A remote in the page that holds `count` contacts, serves them once, and takes no pushes. */
export function servedContacts(count: number): RemoteStore {
  return {
    specVersion: 1,
    name: 'served',
    capabilities: {
      maxBatch: 1_000,
      maxBatchBytes: 4_000_000,
      maxDocumentBytes: 1_000_000,
      atomicGroups: 0,
      pokes: false,
    },
    async pull({ checkpoints, limit }) {
      const from = Number(checkpoints.contacts ?? 0)
      const to = Math.min(count, from + limit)
      const changes: RemoteChange[] = []
      for (let number = from; number < to; number++) {
        const hlc = formatHlc({ wall: 1_700_000_000_000 + number, counter: 0, replica: REPLICA })
        const value = contactOf(number) as unknown as RemoteChange['value']
        changes.push({ collection: 'contacts', id: idOf(number), rev: `r${number}`, hlc, value })
      }
      const origin = { remote: 'served', epoch: '1' }
      return { changes, checkpoints: { contacts: String(to) }, hasMore: to < count, origin }
    },
    async push() {
      throw new HoldfastError('network', 'Pushes are out of reach; they wait.', { retryable: true })
    },
  }
}
