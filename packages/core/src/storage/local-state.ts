import { type Hlc, isSameVersion, type LocatedVersion } from '../model/document.ts'
import type { Mutation } from '../model/mutation.ts'
import { LedgerReplay } from './apply-ledger.ts'
import type { CommitPlan, EncodedCommit } from './commit.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import type { Snapshot } from './load.ts'
import { LogIndex } from './log-index.ts'
import { decodeManifest, type Manifest } from './manifest.ts'
import { isLarge, type PageCache } from './page-cache.ts'
import type { Place } from './peers.ts'
import type { Project, Row } from './row.ts'
import type { ReadMessage } from './tab-messages.ts'
import { type StoredVersion, Tables } from './tables.ts'
import type { Position } from './windows.ts'

/** `gap`: a message was missed, and the database has to be read again. */
export type Taken = 'taken' | 'gap'

/** One tab's memory of the database: the rows, and which record on disk holds what. No I/O. */
export class LocalState {
  readonly tables: Tables
  readonly replay: LedgerReplay
  readonly logs = new LogIndex()
  manifest: Manifest
  manifestText: string
  /** No page or ledger record has this number or a higher one. */
  nextNo = 1
  readonly #onHlc: (hlc: Hlc) => void
  readonly #onLedger: (entries: readonly LedgerEntry[]) => void
  readonly #reconciliations = new Map<string, number>()

  constructor(options: {
    project: Project
    onHlc: (hlc: Hlc) => void
    onLedger: (entries: readonly LedgerEntry[]) => void
    manifestText: string
  }) {
    this.tables = new Tables(options.project)
    this.replay = new LedgerReplay(this.tables)
    this.#onHlc = options.onHlc
    this.#onLedger = options.onLedger
    this.manifestText = options.manifestText
    this.manifest = decodeManifest(options.manifestText)
  }

  /**
   * Documents that a push told something of while the first page of a walk was under way; null:
   * none is. Where that page begins a reconciliation, this walk cannot tell whether such a version
   * is missing from it, or older in it, for being too late or for being gone.
   */
  pushedUnderWay: Set<Row> | null = null
  /** Collections that the walk under way cannot reconcile, so that the next one has to. */
  readonly undecided = new Set<string>()

  /** Reconciliations of `collection` begun since open; a row confirmed in an earlier one may be out of date. */
  reconciliationOf(collection: string): number {
    return this.#reconciliations.get(collection) ?? 0
  }

  beginReconciliation(collection: string): void {
    this.#reconciliations.set(collection, this.reconciliationOf(collection) + 1)
  }

  /** Where the records end that are in memory. */
  get position(): Position {
    return { no: this.nextNo, seqs: { ...this.manifest.folded, ...this.logs.lastSeqs() } }
  }

  adopt(manifest: Manifest, text: string): void {
    this.manifest = manifest
    this.manifestText = text
  }

  /** Starts over from what is on disk; `unconfirmed` are this tab's mutations that may not be there yet. */
  fill(snapshot: Snapshot, unconfirmed: Iterable<Mutation>, cache: PageCache): void {
    const unmet = this.#unmetVersions(snapshot.manifest.reconciling)
    this.tables.rebuild(() => {
      this.logs.clear()
      this.replay.clear()
      this.adopt(snapshot.manifest, snapshot.manifestText)
      this.#onHlc(snapshot.manifest.hlc)
      this.nextNo = Math.max(snapshot.manifest.nextNo, (snapshot.ledger.at(-1)?.[0] ?? 0) + 1)
      for (const [no, versions] of snapshot.pages) for (const version of versions) this.#setBase(version, no)
      const gone = new Set(
        snapshot.ledger.flatMap(([, entries]) =>
          entries.flatMap((entry) => (entry.kind === 'gone' ? entry.ids : [])),
        ),
      )
      for (const { writer, seq, mutations } of snapshot.logs) {
        this.logs.add(writer, { seq, mutations })
        this.#addMutations(mutations.filter(({ id }) => !gone.has(id)))
      }
      for (const [no, entries] of snapshot.ledger) this.#replay(no, entries)
      this.#addMutations(unconfirmed)
      this.#resumeReconciliations(snapshot.manifest.reconciling, unmet)
      cache.reset(isLarge(snapshot.manifest))
    })
  }

  /** Versions that a reconciliation under way has not met yet; null at the first fill. */
  #unmetVersions(collections: readonly string[]): ReadonlySet<string> | null {
    if (this.#reconciliations.size === 0) return null
    const unmet = new Set<string>()
    for (const collection of collections) {
      const era = this.reconciliationOf(collection)
      for (const row of this.tables.rowsOf(collection)) if (row.confirmed < era) unmet.add(row.rev)
    }
    return unmet
  }

  #resumeReconciliations(collections: readonly string[], unmet: ReadonlySet<string> | null): void {
    for (const collection of collections) {
      if (this.reconciliationOf(collection) === 0) this.beginReconciliation(collection)
      else {
        for (const row of this.tables.rowsOf(collection)) if (unmet?.has(row.rev)) row.confirmed = 0
      }
    }
  }

  /** Takes over what this tab, the leader, has just committed. */
  applyCommit(plan: CommitPlan, encoded: EncodedCommit, cache: PageCache): void {
    this.adopt(encoded.manifest, encoded.manifestText)
    const firstNo = this.nextNo
    this.nextNo = encoded.nextNo
    const moved = plan.moved ?? []
    const versions = [...moved, ...(plan.versions ?? [])]
    const entries = plan.ledger ?? []
    this.tables.change(() => {
      let next = 0
      for (const { no, count } of encoded.pages) {
        for (const end = next + count; next < end; next++) {
          const version = versions[next] as LocatedVersion
          if (next < moved.length) this.#move(version, no)
          else this.#setBase(version, no)
        }
      }
      for (const [collection, id] of plan.forget ?? []) this.tables.clearBase(collection, id)
      if (plan.removeLedger) this.#startLedgerAnew(plan.foldLogs ?? {})
      let at = 0
      for (const { no, count } of encoded.ledger) {
        this.#replay(no, entries.slice(at, at + count))
        at += count
      }
      for (const entry of entries) this.#confirmPushed(entry)
    })
    if (plan.removeLedger) this.#dropLedger(firstNo)
    if (encoded.pages.length > 0) {
      let from = 0
      for (const { no, count, text } of encoded.pages) {
        cache.admit(no, versions.slice(from, from + count), text.length)
        from += count
      }
      this.#settleIn(cache)
    }
    if (entries.length > 0) this.#onLedger(entries)
  }

  /** After new pages: a database that has grown large keeps only a part of its documents in memory. */
  #settleIn(cache: PageCache): void {
    if (!cache.isOn && isLarge(this.manifest)) cache.turnOn()
    cache.settle()
  }

  take(message: ReadMessage, cache: PageCache): Taken {
    if (message.kind === 'log') return this.#takeLog(message)
    return message.kind === 'commit' ? this.#takeCommit(message, cache) : this.#takePlace(message)
  }

  #takeLog({ records, isShown }: Extract<ReadMessage, { kind: 'log' }>): Taken {
    for (const { writer, seq, mutations } of records) {
      const last = Math.max(this.logs.lastSeq(writer), this.manifest.folded[writer] ?? 0)
      if (seq <= last) continue
      if (seq > last + 1) return 'gap'
      this.logs.add(writer, { seq, mutations })
      // What is shown before was stamped here.
      if (!isShown) this.tables.change(() => this.#addMutations(mutations))
    }
    return 'taken'
  }

  /** A tab that stands further than what is known of it wrote something that was not told. */
  #takePlace({ writer, seq, generation, nextNo }: Place): Taken {
    const known = Math.max(this.logs.lastSeq(writer), this.manifest.folded[writer] ?? 0)
    const isBehind = seq > known || generation > this.manifest.generation || nextNo > this.nextNo
    return isBehind ? 'gap' : 'taken'
  }

  #takeCommit(message: Extract<ReadMessage, { kind: 'commit' }>, cache: PageCache): Taken {
    const { generation } = this.manifest
    if (message.generation < generation) return 'taken'
    if (message.generation === generation && message.nextNo <= this.nextNo) return 'taken'
    if (message.before !== this.manifestText || message.firstNo !== this.nextNo) return 'gap'
    if (message.after !== this.manifestText) this.adopt(decodeManifest(message.after), message.after)
    this.nextNo = message.nextNo
    let isComplete = true
    this.tables.change(() => {
      for (const { no, versions } of message.pages) {
        for (const version of versions) this.#takeVersion(version, no)
      }
      if (message.removesLedger) this.#startLedgerAnew(message.foldLogs)
      for (const { no, entries } of message.ledger) isComplete = this.#replay(no, entries) && isComplete
    })
    if (message.removesLedger) this.#dropLedger(message.firstNo)
    for (const { no, versions, chars } of message.pages) cache.admit(no, versions, chars)
    if (message.pages.length > 0) this.#settleIn(cache)
    for (const { entries } of message.ledger) this.#onLedger(entries)
    return isComplete ? 'taken' : 'gap'
  }

  #setBase(version: StoredVersion, no: number): void {
    this.#onHlc(version.hlc)
    const row = this.tables.setBase(version, no)
    row.confirmed = this.reconciliationOf(version.collection)
    this.pushedUnderWay?.add(row)
  }

  /** What the remote just answered that it made is met there. */
  #confirmPushed(entry: LedgerEntry): void {
    if (entry.kind !== 'settled' || entry.rev === undefined) return
    const { collection } = entry
    const row = this.tables.get(collection, entry.documentId)
    if (row === undefined) return
    if (row.rev === entry.rev) row.confirmed = this.reconciliationOf(collection)
    this.pushedUnderWay?.add(row)
  }

  #takeVersion(version: LocatedVersion, no: number): void {
    const row = this.tables.get(version.collection, version.id)
    if (row !== undefined && isSameVersion(row, version)) this.tables.moveBase(row, no)
    else this.#setBase(version, no)
  }

  #move({ collection, id, rev }: LocatedVersion, no: number): void {
    const row = this.tables.get(collection, id)
    if (row !== undefined && row.rev === rev) this.tables.moveBase(row, no)
  }

  #replay(no: number, entries: readonly LedgerEntry[]): boolean {
    for (const entry of entries) if (entry.kind === 'carried') this.#onHlc(entry.mutation.hlc)
    return this.replay.apply(no, entries)
  }

  #addMutations(mutations: Iterable<Mutation>): void {
    for (const mutation of mutations) {
      this.#onHlc(mutation.hlc)
      if (!this.replay.isSettled(mutation.id)) this.tables.addMutation(mutation)
    }
  }

  /** What is still of use comes back with the entries that replace the ledger. */
  #startLedgerAnew(foldLogs: Readonly<Record<string, number>>): void {
    for (const [writer, seq] of Object.entries(foldLogs)) this.logs.drop(writer, seq)
    this.replay.clear()
  }

  /** Ledger records before `no` are gone from disk; every base that they held was moved. */
  #dropLedger(no: number): void {
    const pages = new Set(this.manifest.pages.map(([page]) => page))
    for (const held of this.tables.liveByNo.keys()) {
      if (held < no && !pages.has(held)) this.tables.liveByNo.delete(held)
    }
  }
}
