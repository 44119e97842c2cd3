import { patched, updateBetween } from '../model/changes.ts'
import type { Document } from '../model/document.ts'
import { applyChange, type Change, type Mutation } from '../model/mutation.ts'
import type { Stamped } from '../model/run.ts'
import { checkPatch, checkSize } from '../model/validate.ts'
import { type Clock, mutationId, randomPart } from '../runtime/clock.ts'
import type { Hold } from '../storage/page-cache.ts'
import type { Tables } from '../storage/tables.ts'
import { checkSchema } from './check-schema.ts'
import type { Gates } from './gates.ts'
import { checkInput, withNewId } from './input.ts'
import { baseOf, floorOf, type Place, Places, topOf } from './places.ts'
import { documentExists, documentMissing, idUnset, transactionClosed } from './refusals.ts'
import type { WriteRulesOf } from './rules.ts'
import { changeOver, seenIn } from './seen.ts'

export interface DraftParts {
  readonly tables: Tables
  /** Null, or tells when what is stored is known. */
  readonly ready: () => Promise<void> | null
  /** Keeps documents in memory that may be on disk. */
  readonly openHold: () => Hold
  readonly gates: Gates
  readonly clock: Clock
  readonly randomHex: (digits: number) => string
  readonly rulesOf: WriteRulesOf
}

export interface DraftOptions {
  /** Called in the same turn in which a write was checked, so that nothing comes between check and effect. */
  readonly onDrafted?: () => void
}

/**
 * Validates the writes of one `transact`, or a single one, and sees its own earlier writes. They
 * are stamped, shown and stored when they are taken from it, all at once.
 */
export class Draft {
  readonly #changes: Change[] = []
  /** Of each change, what it changes. */
  readonly #changed: Place[] = []
  readonly #parts: DraftParts
  readonly #onDrafted: DraftOptions['onDrafted']
  readonly #places = new Places()
  #hold: Hold | null = null
  #size = 0
  /** `Tables.revision` at which every change was checked; null: they were checked at several. */
  #checkedAt: number | null = null
  #isClosed = false

  constructor(parts: DraftParts, options: DraftOptions = {}) {
    this.#parts = parts
    this.#onDrafted = options.onDrafted
  }

  /** How many documents it changes. */
  get size(): number {
    return this.#size
  }

  /**
   * Its mutations, to be appended in this same turn: their timestamps are in the order of the log.
   * Throws `document_exists` if a document that it creates has come to be since.
   */
  take(group?: string): Stamped {
    if (this.#checkedAt !== this.#parts.tables.revision) this.#recheck()
    const random = randomPart(this.#parts.randomHex)
    const mutations = this.#changes.map((change, i) => {
      const place = this.#changed[i] as Place
      place.last = this.#stamped(place, change, { random, group })
      return place.last
    })
    return { mutations, runs: [] }
  }

  #recheck(): void {
    const { tables } = this.#parts
    for (const [i, change] of this.#changes.entries()) {
      const place = this.#changed[i] as Place
      place.row = tables.get(place.collection, place.id)
      if (change.kind !== 'create' || place.found !== null) continue
      if (tables.exists(place.collection, place.id)) throw documentExists(place.collection)
    }
  }

  /** Ends it: what is called from now on fails with `transaction_closed`, since nothing would come of it. */
  close(): void {
    this.#isClosed = true
  }

  #assertOpen(): void {
    if (this.#isClosed) throw transactionClosed()
  }

  /** Lets the documents go that it read. Call it when all is appended, or nothing will be. */
  release(): void {
    this.#hold?.release()
    this.#hold = null
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    this.#parts.rulesOf(collection)
    const place = this.#places.at(collection, id)
    const bringing = this.#bring(place)
    if (bringing !== null) await bringing
    return this.#view(place)
  }

  /** Null if the document is in memory. Writes to one document go on in the order in which they came. */
  #bring(place: Place): Promise<void> | null {
    if (place.isHeld) return null
    this.#assertOpen()
    const { openHold, gates } = this.#parts
    this.#hold ??= openHold()
    const adding = this.#hold.add(place)
    if (adding === null && !gates.has(place)) {
      place.isHeld = true
      return null
    }
    return gates.pass(place, async () => {
      await adding
      place.isHeld = true
    })
  }

  #view({ collection, id, drafted }: Place): Document | undefined {
    this.#assertOpen()
    return drafted === undefined ? this.#parts.tables.view(collection, id) : (drafted ?? undefined)
  }

  /**
   * Throws `document_exists` if there is one; `id` is made if it is left out. A promise only where
   * something has to be waited for.
   */
  insert(collection: string, input: object): Document | Promise<Document> {
    return this.#checkedThen(collection, withNewId(input, this.#parts.randomHex), this.#insertAt)
  }

  readonly #insertAt = (value: Document, place: Place): Document => {
    if (this.#view(place) !== undefined) throw documentExists(place.collection)
    this.#add(place, { kind: 'create', value })
    return value
  }

  /** Creates the document or replaces all of it. */
  put(collection: string, input: object): Document | Promise<Document> {
    return this.#checkedThen(collection, input, this.#putAt)
  }

  readonly #putAt = (value: Document, place: Place): Document => {
    const before = this.#view(place)
    const change = before === undefined ? ({ kind: 'create', value } as const) : updateBetween(before, value)
    if (change !== null) this.#add(place, change)
    return value
  }

  /** Runs `write` when the input was checked and the document that it replaces is in memory. */
  #checkedThen(
    collection: string,
    input: object,
    write: (value: Document, place: Place) => Document,
  ): Document | Promise<Document> {
    const checked = checkInput(this.#parts.rulesOf(collection), input)
    return checked instanceof Promise
      ? checked.then((value) => this.#broughtThen(collection, value, write))
      : this.#broughtThen(collection, checked, write)
  }

  #broughtThen(
    collection: string,
    value: Document,
    write: (value: Document, place: Place) => Document,
  ): Document | Promise<Document> {
    const place = this.#places.at(collection, value.id)
    const bringing = this.#bring(place)
    return bringing === null ? write(value, place) : bringing.then(() => write(value, place))
  }

  /** Changes the fields of `patch` and removes those of `unset`. Throws `document_missing`. */
  async update(
    collection: string,
    id: string,
    { patch, unset = [] }: { patch: object; unset?: readonly string[] },
  ) {
    const { schema, limits } = this.#parts.rulesOf(collection)
    const set = checkPatch(patch, { ...limits, id })
    if (unset.includes('id')) throw idUnset(collection)
    const place = this.#places.at(collection, id)
    const bringing = this.#bring(place)
    if (bringing !== null) await bringing
    const seen = this.#existing(place)
    const wanted = patched(seen, set, unset)
    const fields = Object.keys(set)
    const output = schema === null ? wanted : await checkSchema(schema, wanted, collection)
    const checked = schema === null ? set : checkPatch(pickOutput(output, fields), { ...limits, id })
    const before = this.#existing(place)
    const after = patched(before, checked, unset)
    checkSize(after, limits)
    const change = updateBetween(before, after)
    if (change !== null) this.#add(place, change)
    return after
  }

  /** False if there is no such document. */
  async delete(collection: string, id: string): Promise<boolean> {
    this.#parts.rulesOf(collection)
    const place = this.#places.at(collection, id)
    const bringing = this.#bring(place)
    if (bringing !== null) await bringing
    if (this.#view(place) === undefined) return false
    this.#add(place, { kind: 'delete' })
    return true
  }

  #existing(place: Place): Document {
    const document = this.#view(place)
    if (document === undefined) throw documentMissing(place.collection)
    return document
  }

  #add(place: Place, wanted: Change): void {
    this.#assertOpen()
    const { revision } = this.#parts.tables
    this.#checkedAt = this.#changes.length === 0 || this.#checkedAt === revision ? revision : null
    const isFirst = place.drafted === undefined
    if (isFirst) this.#lookAt(place)
    const change = changeOver(place, wanted, isFirst)
    place.drafted = applyChange(place.drafted ?? null, change)
    this.#changes.push(change)
    this.#changed.push(place)
    this.#onDrafted?.()
  }

  /** What the tables hold becomes what the draft makes of the place so far. */
  #lookAt(place: Place): void {
    const { tables } = this.#parts
    const row = tables.get(place.collection, place.id)
    const before = row === undefined ? null : tables.viewOf(row)
    this.#size++
    place.row = row
    place.found = before
    place.foundRev = topOf(row)
    place.drafted = before
    place.seen = seenIn(before, row, tables)
  }

  #stamped(place: Place, change: Change, of: { random: string; group: string | undefined }): Mutation {
    const { clock } = this.#parts
    const { collection, id: documentId, row } = place
    const hlc = clock.tick(row && floorOf(row, place.last ?? undefined))
    const id = mutationId(hlc, of.random)
    const base = place.last?.id ?? baseOf(place, row, clock.replica)
    const mutation = { id, hlc, collection, documentId, base, change }
    return of.group === undefined ? mutation : { ...mutation, group: of.group }
  }
}

function pickOutput(output: unknown, fields: readonly string[]): object {
  const entries = Object.entries((output ?? {}) as object)
  return Object.fromEntries(entries.filter(([field]) => fields.includes(field)))
}
