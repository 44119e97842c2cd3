import type { Document, LocatedVersion } from '../model/document.ts'
import { freezeJson } from '../model/freeze.ts'
import { applyChange, type Mutation } from '../model/mutation.ts'
import { among } from './among.ts'
import {
  baseOf,
  type Content,
  insertMutation,
  LOST_GROUND,
  newPending,
  ON_BASE,
  ON_DISK,
  type Pending,
  type Project,
  Row,
  type StandsOn,
} from './row.ts'
import { ViewChanges, type ViewListener } from './view-changes.ts'

/** A version as a row takes it; its value may be on disk only. */
export type StoredVersion = Omit<LocatedVersion, 'value'> & { readonly value: Content }

/** Counts that status needs, kept as they change. */
export interface Counts {
  pending: number
  failed: number
  frozen: number
}

/**
 * Every row of a replica in memory, and the one place where a row changes. Changes are made
 * inside `change`, which tells listeners once, with each document's view before and after; rows
 * that change have their documents in memory.
 */
export class Tables {
  readonly counts: Counts = { pending: 0, failed: 0, frozen: 0 }
  /** Rows with pending mutations, the longest waiting first. */
  readonly queue = new Set<Row>()
  /** Rows in `queue` whose mutations do not stand on the base: only they can be in conflict. */
  readonly contested = new Set<Row>()
  /** Rows per record number: what a page or ledger record still holds. */
  readonly liveByNo = new Map<number, number>()
  /** Rows whose base stands in a ledger record, and has to move to a page. */
  readonly loose = new Set<Row>()
  /** Mutations that the ledger settled, each with the revision as which it took effect; empty: it did not, or that is not known. */
  readonly settledAs = new Map<string, string>()
  readonly #rows = new Map<string, Map<string, Row>>()
  readonly #project: Project
  readonly #changes = new ViewChanges()

  constructor(project: Project) {
    this.#project = project
  }

  get(collection: string, id: string): Row | undefined {
    return this.#rows.get(collection)?.get(id)
  }

  view(collection: string, id: string): Document | undefined {
    const row = this.get(collection, id)
    return row === undefined ? undefined : (this.viewOf(row) ?? undefined)
  }

  viewOf(row: Row): Document | null {
    if (row.pending === null) return row.value
    return this.projectionOf(row, row.pending).value
  }

  projectionOf(row: Row, pending: Pending) {
    pending.projection ??= this.#project(row)
    return pending.projection
  }

  /** True if the application sees a document, wherever it is. */
  exists(collection: string, id: string): boolean {
    const row = this.get(collection, id)
    if (row === undefined) return false
    return row.pending === null ? row.content !== null : this.viewOf(row) !== null
  }

  /** Ids of the documents that the application sees. */
  *ids(collection: string): Iterable<string> {
    for (const id of this.#rows.get(collection)?.keys() ?? []) if (this.exists(collection, id)) yield id
  }

  *rows(): Iterable<Row> {
    for (const rows of this.#rows.values()) yield* rows.values()
  }

  rowsOf(collection: string): Iterable<Row> {
    return this.#rows.get(collection)?.values() ?? []
  }

  size(collection: string): number {
    return this.#rows.get(collection)?.size ?? 0
  }

  subscribe(listener: ViewListener): () => void {
    return this.#changes.subscribe(listener)
  }

  /** Goes up with every change: as long as it stays, so does every row. */
  get revision(): number {
    return this.#changes.revision
  }

  /** Runs `edit`, then tells listeners which views differ from before. Nested calls join the outer one. */
  change<T>(edit: () => T): T {
    return this.#changes.change(edit, (row) => {
      this.#dropIfEmpty(row)
      return this.viewOf(row) ?? undefined
    })
  }

  /** Empties every row and runs `edit`, which fills them again. */
  rebuild(edit: () => void): void {
    this.#changes.rebuild(() => {
      this.#clear()
      edit()
      for (const row of this.rows()) this.#dropIfEmpty(row)
    })
  }

  #dropIfEmpty(row: Row): void {
    if (row.rev === '' && row.pending === null) this.#rows.get(row.collection)?.delete(row.id)
  }

  /** The row to be changed, made if there is none. Only inside `change`. */
  touch(collection: string, id: string): Row {
    const rows = this.#rows.get(collection) ?? new Map<string, Row>()
    if (rows.size === 0) this.#rows.set(collection, rows)
    const known = rows.get(id)
    const row = known ?? new Row(collection, id)
    if (this.#changes.asksFor(row)) {
      this.#changes.touch(row, known === undefined ? undefined : (this.viewOf(row) ?? undefined))
    }
    if (known === undefined) rows.set(id, row)
    return row
  }

  /** Sets what the remote said. `at` is the record that holds it; the caller decided that it is news. */
  setBase({ collection, id, rev, hlc, value }: StoredVersion, at: number): Row {
    const row = this.touch(collection, id)
    this.#keepGround(row, rev)
    this.moveBase(row, at)
    row.rev = rev
    row.hlc = hlc
    row.content = value === ON_DISK ? value : freezeJson(value)
    return row
  }

  /** The same for a version that stands in a ledger record. */
  setLooseBase(version: LocatedVersion, at: number): void {
    this.loose.add(this.setBase(version, at))
  }

  /** The remote has no version of it, as far as this replica knows. */
  clearBase(collection: string, id: string): Row {
    const row = this.touch(collection, id)
    this.#keepGround(row, '')
    this.#release(row.at)
    this.loose.delete(row)
    row.rev = ''
    row.hlc = ''
    row.content = null
    row.at = 0
    if (row.pending?.standsOn === LOST_GROUND) this.#groundOnFirst(row, row.pending)
    return row
  }

  /** Pending mutations keep the version that they were made on when the base moves from under them, and not to them. */
  #keepGround(row: Row, rev: string): void {
    const { pending } = row
    if (pending === null) return
    pending.projection = null
    const isMadeOnIt = (pending.mutations[0]?.base ?? '') === rev
    if (pending.standsOn === ON_BASE && row.rev !== rev && !isMadeOnIt)
      this.setGround(row, pending, { kind: 'version', version: baseOf(row), isKept: true })
  }

  /** Where the base is stored has changed, and nothing else. */
  moveBase(row: Row, at: number): void {
    this.#release(row.at)
    this.loose.delete(row)
    this.liveByNo.set(at, (this.liveByNo.get(at) ?? 0) + 1)
    row.at = at
  }

  #clear(): void {
    for (const row of this.rows()) Object.assign(row, new Row(row.collection, row.id))
    this.queue.clear()
    this.contested.clear()
    this.liveByNo.clear()
    this.loose.clear()
    Object.assign(this.counts, { pending: 0, failed: 0, frozen: 0 })
  }

  #release(no: number): void {
    if (no === 0) return
    const live = (this.liveByNo.get(no) ?? 0) - 1
    if (live > 0) this.liveByNo.set(no, live)
    else this.liveByNo.delete(no)
  }

  /** Adds a pending mutation. A plain append to a row without conflict costs one `applyChange`. */
  addMutation(mutation: Mutation): void {
    const { collection, documentId } = mutation
    const row = this.touch(collection, documentId)
    if (row.pending === null) {
      row.pending = newPending()
      this.queue.add(row)
    }
    const { pending } = row
    const { change } = mutation
    freezeJson(change.kind === 'create' && change.over === undefined ? change.value : change)
    if (!insertMutation(pending, mutation)) return
    if (pending.mutations[0] === mutation && !isGroundOf(pending.standsOn, mutation))
      this.#groundOnFirst(row, pending)
    this.counts.pending++
    const known = pending.mutations.length === 1 ? { value: row.value, conflict: null } : pending.projection
    const isPlainAppend =
      known?.conflict === null && pending.standsOn === ON_BASE && pending.mutations.at(-1) === mutation
    pending.projection = isPlainAppend
      ? { value: applyChange(known.value, mutation.change), conflict: null }
      : null
  }

  /**
   * The first mutation names the version that all of them stand on. Mutations arrive in any order
   * of tabs and records, so each new first one is asked; what those before it stood on is not its own.
   */
  #groundOnFirst(row: Row, pending: Pending): void {
    const ground = this.isMadeOnBase(row, pending) ? ON_BASE : LOST_GROUND
    if (ground !== pending.standsOn) this.setGround(row, pending, ground)
  }

  /** Also on what became the base under another id. Nobody changes a deleted document: that one had not seen it go. */
  isMadeOnBase({ rev, content }: Row, { mutations }: Pending): boolean {
    const first = mutations[0]
    const base = first?.base ?? ''
    if (rev !== '' && content === null && first?.change.kind === 'update') return false
    return base === rev || (rev !== '' && this.settledAs.get(base) === rev)
  }

  /** Takes mutations out of the outbox: settled, or rolled back. */
  removeMutations(collection: string, documentId: string, ids: readonly string[]): void {
    const row = this.touch(collection, documentId)
    const { pending } = row
    if (pending === null) return
    const { mutations } = pending
    const isAmong = among(ids)
    const left = mutations.filter(({ id }) => !isAmong(id))
    this.counts.pending -= mutations.length - left.length
    if (left.length === 0) {
      this.#endPending(row, pending)
      return
    }
    pending.mutations = left
    pending.projection = null
    if (left[0] !== mutations[0]) this.#groundOnFirst(row, pending)
    if (pending.frozen?.ids.some(isAmong)) {
      this.setFrozen(pending, null)
      pending.nextId = null
    }
    if (pending.failure?.ids.some(isAmong)) this.setFailure(pending, null)
  }

  #endPending(row: Row, pending: Pending): void {
    this.setFrozen(pending, null)
    this.setFailure(pending, null)
    row.pending = null
    this.queue.delete(row)
    this.contested.delete(row)
  }

  /** Only for a row that is in `queue`. */
  setGround(row: Row, pending: Pending, standsOn: StandsOn): void {
    pending.standsOn = standsOn
    pending.projection = null
    if (standsOn === ON_BASE || !this.queue.has(row)) this.contested.delete(row)
    else this.contested.add(row)
  }

  setFrozen(pending: Pending, frozen: Pending['frozen']): void {
    this.counts.frozen += Number(frozen !== null) - Number(pending.frozen !== null)
    pending.frozen = frozen
  }

  setFailure(pending: Pending, failure: Pending['failure']): void {
    this.counts.failed += Number(failure !== null) - Number(pending.failure !== null)
    pending.failure = failure
  }
}

/** A mutation that comes before those that were pending stands on what the ledger says, or on a copy of what it was made on. */
function isGroundOf(standsOn: StandsOn, { base }: Mutation): boolean {
  return standsOn.kind === 'version' && (!standsOn.isKept || (standsOn.version?.rev ?? null) === base)
}
