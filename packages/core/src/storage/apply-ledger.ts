import type { Version } from '../model/document.ts'
import { applyChange, type Mutation } from '../model/mutation.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { type Frozen, ON_BASE, type Pending, type Row } from './row.ts'
import type { Tables } from './tables.ts'

type Settled = Extract<LedgerEntry, { kind: 'settled' }>
type Freezing = Extract<LedgerEntry, { kind: 'frozen' }>

interface Forgotten {
  readonly collection: string
  readonly documentId: string
  /** Number of the record that said so first. */
  readonly since: number
}

/**
 * Replays ledger entries on the rows. The same code serves a commit that was just made, one that
 * another tab reports, and the records read at open; entries for mutations that are not known are
 * remembered by `isSettled`, so that a mutation which arrives late is not taken for a pending one.
 */
export class LedgerReplay {
  readonly #tables: Tables
  /** Documents that are not at the remote any more, by key, though older pages may hold them. */
  readonly forgotten = new Map<string, Forgotten>()
  #isComplete = true

  constructor(tables: Tables) {
    this.#tables = tables
  }

  isSettled(mutationId: string): boolean {
    return this.#tables.settledAs.has(mutationId)
  }

  /** How many settled mutations the ledger still has to remember. */
  get settledCount(): number {
    return this.#tables.settledAs.size
  }

  clear(): void {
    this.#tables.settledAs.clear()
    this.forgotten.clear()
  }

  /** False if an entry speaks of mutations that have not arrived here: the rows must be read again. */
  apply(no: number, entries: readonly LedgerEntry[]): boolean {
    this.#isComplete = true
    this.#tables.change(() => {
      for (const entry of entries) this.#applyOne(no, entry)
    })
    return this.#isComplete
  }

  #applyOne(no: number, entry: LedgerEntry): void {
    if (entry.kind === 'gone') for (const id of entry.ids) this.#tables.settledAs.set(id, '')
    else if (entry.kind === 'settled') this.#settle(no, entry)
    else if (entry.kind === 'forgotten') this.#forget(no, entry)
    else if (entry.kind === 'carried') {
      if (!this.isSettled(entry.mutation.id)) this.#tables.addMutation(entry.mutation)
    } else {
      const row = this.#tables.touch(entry.collection, entry.documentId)
      if (row.pending !== null) this.#applyToPending(row, row.pending, entry)
      else if (entry.kind === 'frozen') this.#isComplete &&= entry.ids.every((id) => this.isSettled(id))
    }
  }

  #forget(
    no: number,
    { collection, documentId, since = no }: Extract<LedgerEntry, { kind: 'forgotten' }>,
  ): void {
    const row = this.#tables.get(collection, documentId)
    if (row !== undefined && row.at >= since) return
    this.forgotten.set(`${collection}/${documentId}`, { collection, documentId, since })
    if (row !== undefined) this.#tables.clearBase(collection, documentId)
  }

  #applyToPending(
    row: Row,
    pending: Pending,
    entry: Extract<LedgerEntry, { kind: 'frozen' | 'thawed' | 'stands' | 'failed' | 'revived' }>,
  ) {
    if (entry.kind === 'frozen') {
      this.#tables.setFrozen(pending, {
        ids: entry.ids,
        sent: this.#whole(entry, pending.mutations),
      })
    } else if (entry.kind === 'thawed') {
      this.#tables.setFrozen(pending, null)
      pending.nextId = entry.next ?? pending.nextId
    } else if (entry.kind === 'stands') {
      const first = pending.mutations[0]?.id
      if (entry.upTo !== undefined && first !== undefined && first > entry.upTo) return
      this.#tables.setGround(
        row,
        pending,
        entry.on === 'base' ? ON_BASE : { kind: 'version', version: entry.on },
      )
    } else if (entry.kind === 'failed') {
      this.#tables.setFrozen(pending, null)
      this.#tables.setFailure(pending, { failure: entry.failure, ids: entry.ids })
    } else {
      this.#tables.setFailure(pending, null)
    }
  }

  #settle(no: number, entry: Settled): void {
    const { collection, documentId, ids } = entry
    const row = this.#tables.touch(collection, documentId)
    const made = this.#settledVersion(entry, row)
    for (const id of ids) this.#tables.settledAs.set(id, made?.rev ?? '')
    this.#tables.removeMutations(collection, documentId, ids)
    if (made === undefined) return
    if (row.at < no) this.#tables.setLooseBase({ collection, id: documentId, ...made }, no)
    // What is left was made on this version, or says itself what it was made on.
    if (row.pending && row.rev === made.rev && this.#tables.isMadeOnBase(row, row.pending))
      this.#tables.setGround(row, row.pending, ON_BASE)
  }

  /** What was sent, to the byte, with that put back which the ledger leaves out where the log has it. */
  #whole({ sent, collection, documentId }: Freezing, mutations: readonly Mutation[]): Frozen['sent'] {
    if ('value' in sent) return sent
    const { id, hlc, base, group } = sent
    const change = mutations.find((mutation) => mutation.id === id)?.change
    if (change?.kind !== 'create') this.#isComplete = false
    const value = change?.kind === 'create' ? change.value : null
    const whole = { id, hlc, collection, documentId, base, value }
    return group === undefined ? whole : { ...whole, group }
  }

  #settledVersion(entry: Settled, row: Row): Version | undefined {
    const { rev, hlc } = entry
    if (rev === undefined || hlc === undefined) return undefined
    if (entry.value !== undefined) return { rev, hlc, value: entry.value }
    const frozen = row.pending?.frozen
    if (frozen) return { rev, hlc, value: frozen.sent.value }
    const settled = (row.pending?.mutations ?? []).filter(({ id }) => entry.ids.includes(id))
    if (settled.length < entry.ids.length) this.#isComplete = false
    return { rev, hlc, value: settled.reduce((before, { change }) => applyChange(before, change), row.value) }
  }
}
