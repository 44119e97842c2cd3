import { formatHlc, type PushMutation, type PushOutcome } from '../../../packages/core/src/index.ts'
import { type Contact, contactOf, type Digest, digestOf } from '../contacts.ts'

interface Version {
  readonly rev: string
  readonly hlc: string
  readonly contact: Contact
  readonly seq: number
  /** JSON text, made once: the server is to cost as little as it can. */
  readonly plain: string
  readonly stamped: string
}

type WireMutation = readonly [
  id: string,
  hlc: string,
  documentId: string,
  base: string | null,
  value: PushMutation['value'],
]

const REPLICA = '5e12e20000000000'

/** The server's documents and their change feed, in memory, for any contestant. */
export class Feed {
  readonly #byId = new Map<string, Version>()
  readonly #feed: (Version | null)[] = []
  #wall = 1_700_000_000_000

  constructor(documents: number) {
    for (let number = 0; number < documents; number++) this.#put(contactOf(number))
  }

  digest(): Digest {
    return digestOf([...this.#byId.values()].map(({ contact }) => contact))
  }

  /** Someone else changes every `step`-th of the first `documents`. */
  changeEvery(step: number, documents: number): void {
    for (let number = 0; number < documents; number += step) this.#put(contactOf(number, 1))
  }

  page(since: number, limit: number, form: 'plain' | 'versions'): string {
    const texts: string[] = []
    let at = since
    for (; at < this.#feed.length && texts.length < limit; at++) {
      const version = this.#feed[at]
      if (version) texts.push(form === 'plain' ? version.plain : version.stamped)
    }
    const rows = form === 'plain' ? 'contacts' : 'changes'
    return `{"${rows}":[${texts.join(',')}],"next":${at},"hasMore":${at < this.#feed.length}}`
  }

  take(contacts: readonly Contact[]): { taken: number } {
    for (const contact of contacts) this.#put(contact)
    return { taken: contacts.length }
  }

  /** Compare-and-set, as the contract of a remote wants it. 0: applied as it was sent. */
  apply(mutations: readonly WireMutation[]): (PushOutcome | 0)[] {
    return mutations.map(([id, hlc, documentId, base, value]) => {
      const current = this.#byId.get(documentId)
      if (current?.rev === id) {
        const { rev, contact } = current
        return { kind: 'duplicate', current: { rev, hlc: current.hlc, value: { ...contact }, recent: [rev] } }
      }
      if ((current?.rev ?? null) !== base || value === null) {
        const stands = current && {
          rev: current.rev,
          hlc: current.hlc,
          value: { ...current.contact },
          recent: [current.rev],
        }
        return { kind: 'conflict', current: stands ?? null }
      }
      this.#put(value as unknown as Contact, { rev: id, hlc })
      return 0
    })
  }

  #put(contact: Contact, stamp: { rev: string; hlc: string } = this.#stamp()): void {
    const before = this.#byId.get(contact.id)
    if (before !== undefined) this.#feed[before.seq] = null
    const plain = JSON.stringify(contact)
    const stamped = `{"rev":"${stamp.rev}","hlc":"${stamp.hlc}","value":${plain}}`
    const version = { ...stamp, contact, seq: this.#feed.length, plain, stamped }
    this.#byId.set(contact.id, version)
    this.#feed.push(version)
  }

  #stamp(): { rev: string; hlc: string } {
    const hlc = formatHlc({ wall: this.#wall++, counter: 0, replica: REPLICA })
    return { rev: `${hlc}-00000000`, hlc }
  }
}
