import { patched, updateBetween } from '../model/changes.ts'
import type { Document } from '../model/document.ts'
import { latestOf } from '../model/hlc.ts'
import { isPlainObject } from '../model/json.ts'
import { applyChange, type Change, type Mutation } from '../model/mutation.ts'
import { checkDocument, checkPatch, checkSize } from '../model/validate.ts'
import { type Clock, mutationId } from '../runtime/clock.ts'
import type { Located, Release } from '../storage/page-cache.ts'
import type { Tables } from '../storage/tables.ts'
import { checkSchema } from './check-schema.ts'
import type { Gates } from './gates.ts'
import { documentExists, documentMissing, idUnset, transactionClosed } from './refusals.ts'
import type { WriteRulesOf } from './rules.ts'

export interface DraftParts {
  readonly tables: Tables
  /** Keeps a document in memory; a promise where it has to be read from disk first. */
  readonly hold: (located: readonly Located[]) => Release | Promise<Release>
  readonly gates: Gates
  readonly clock: Clock
  readonly randomHex: (digits: number) => string
  readonly rulesOf: WriteRulesOf
}

export interface DraftOptions {
  /** Called in the same turn in which a write was checked, so that nothing comes between check and effect. */
  readonly onDrafted?: () => void
}

interface DraftedChange {
  readonly collection: string
  readonly documentId: string
  readonly change: Change
}

/**
 * Validates the writes of one `transact`, or a single one, and sees its own earlier writes. They
 * are stamped, shown and stored when they are taken from it, all at once.
 */
export class Draft {
  readonly #changes: DraftedChange[] = []
  readonly #parts: DraftParts
  readonly #onDrafted: DraftOptions['onDrafted']
  /** What this draft makes of the documents that it changes. */
  readonly #drafted = new Map<string, Document | null>()
  /** Documents that existed when this draft first touched them. */
  readonly #replaced = new Set<string>()
  readonly #held = new Map<string, Release>()
  #isClosed = false

  constructor(parts: DraftParts, options: DraftOptions = {}) {
    this.#parts = parts
    this.#onDrafted = options.onDrafted
  }

  /** How many documents it changes. */
  get size(): number {
    return this.#drafted.size
  }

  /**
   * Its mutations, to be appended in this same turn: their timestamps are in the order of the log.
   * Throws `document_exists` if a document that it creates has come to be since.
   */
  take(group?: string): Mutation[] {
    this.#recheck()
    const lastByKey = new Map<string, Mutation>()
    return this.#changes.map((drafted) => {
      const key = `${drafted.collection}/${drafted.documentId}`
      const mutation = this.#stamped(drafted, { previous: lastByKey.get(key), group })
      lastByKey.set(key, mutation)
      return mutation
    })
  }

  #recheck(): void {
    const { tables } = this.#parts
    for (const { collection, documentId, change } of this.#changes) {
      if (change.kind !== 'create' || this.#replaced.has(`${collection}/${documentId}`)) continue
      if (tables.exists(collection, documentId)) throw documentExists(collection)
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
    for (const release of this.#held.values()) release()
    this.#held.clear()
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    const bringing = this.#bring(collection, id)
    if (bringing !== null) await bringing
    return this.#view(collection, id)
  }

  /** Null if the document is in memory. Writes to one document go on in the order in which they came. */
  #bring(collection: string, id: string): Promise<void> | null {
    const key = `${collection}/${id}`
    if (this.#held.has(key)) return null
    const { hold, gates } = this.#parts
    const holding = hold([{ collection, id }])
    if (!(holding instanceof Promise) && !gates.has(key)) {
      this.#held.set(key, holding)
      return null
    }
    return gates.pass(key, async () => {
      this.#held.set(key, await holding)
    })
  }

  #view(collection: string, id: string): Document | undefined {
    this.#assertOpen()
    this.#parts.rulesOf(collection)
    const drafted = this.#drafted.get(`${collection}/${id}`)
    return drafted === undefined ? this.#parts.tables.view(collection, id) : (drafted ?? undefined)
  }

  /** Throws `document_exists` if there is one; `id` is made if it is left out. */
  async insert(collection: string, input: object): Promise<Document> {
    const value = await this.#checked(collection, this.#withNewId(input))
    const bringing = this.#bring(collection, value.id)
    if (bringing !== null) await bringing
    if (this.#view(collection, value.id) !== undefined) throw documentExists(collection)
    this.#add(collection, value.id, { kind: 'create', value })
    return value
  }

  /** Creates the document or replaces all of it. */
  async put(collection: string, input: object): Promise<Document> {
    const value = await this.#checked(collection, input)
    const bringing = this.#bring(collection, value.id)
    if (bringing !== null) await bringing
    const before = this.#view(collection, value.id)
    const change: Change | null =
      before === undefined ? { kind: 'create', value } : updateBetween(before, value)
    if (change !== null) this.#add(collection, value.id, change)
    return value
  }

  /** Changes the fields of `patch` and removes those of `unset`. Throws `document_missing`. */
  async update(
    collection: string,
    id: string,
    { patch, unset = [] }: { patch: object; unset?: readonly string[] },
  ) {
    const { schema, maxBytes } = this.#parts.rulesOf(collection)
    const limits = { collection, maxBytes }
    const set = checkPatch(patch, { ...limits, id })
    if (unset.includes('id')) throw idUnset(collection)
    const bringing = this.#bring(collection, id)
    if (bringing !== null) await bringing
    const seen = this.#existing(collection, id)
    const wanted = patched(seen, set, unset)
    const fields = Object.keys(set)
    const output = schema === null ? wanted : await checkSchema(schema, wanted, collection)
    const checked = schema === null ? set : checkPatch(pickOutput(output, fields), { ...limits, id })
    const before = this.#existing(collection, id)
    const after = patched(before, checked, unset)
    checkSize(after, limits)
    const change = updateBetween(before, after)
    if (change !== null) this.#add(collection, id, change)
    return after
  }

  /** False if there is no such document. */
  async delete(collection: string, id: string): Promise<boolean> {
    const bringing = this.#bring(collection, id)
    if (bringing !== null) await bringing
    if (this.#view(collection, id) === undefined) return false
    this.#add(collection, id, { kind: 'delete' })
    return true
  }

  #existing(collection: string, id: string): Document {
    const document = this.#view(collection, id)
    if (document === undefined) throw documentMissing(collection)
    return document
  }

  async #checked(collection: string, input: object): Promise<Document> {
    const { schema, maxBytes } = this.#parts.rulesOf(collection)
    const limits = { collection, maxBytes }
    const document = checkDocument(input, limits)
    if (schema === null) return document
    const checking = checkSchema(schema, document, collection)
    const output = checking instanceof Promise ? await checking : checking
    return checkDocument(withId(output, document.id), limits)
  }

  /** What is no plain object, or cannot be read, stays as it is, and is refused by the check that follows. */
  #withNewId(input: object): object {
    if (!isPlainObject(input) || Object.hasOwn(input, 'id')) return input
    try {
      return { id: this.#newId(), ...input }
    } catch {
      return input
    }
  }

  #newId(): string {
    const hex = this.#parts.randomHex(32)
    const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  #add(collection: string, documentId: string, wanted: Change): void {
    this.#assertOpen()
    const { tables } = this.#parts
    const key = `${collection}/${documentId}`
    const drafted = this.#drafted.get(key)
    const before = drafted === undefined ? (tables.view(collection, documentId) ?? null) : drafted
    const pending = tables.get(collection, documentId)?.pending?.mutations ?? []
    const isOverruled = drafted === undefined && endsDeleted(pending)
    const change = isOverruled ? wholeChange(before, wanted) : wanted
    if (drafted === undefined && before !== null) this.#replaced.add(key)
    this.#drafted.set(key, applyChange(before, change))
    this.#changes.push({ collection, documentId, change })
    this.#onDrafted?.()
  }

  #stamped(
    { collection, documentId, change }: DraftedChange,
    after: { previous: Mutation | undefined; group: string | undefined },
  ): Mutation {
    const { clock, randomHex, tables } = this.#parts
    const row = tables.get(collection, documentId)
    const previous = after.previous ?? row?.pending?.mutations.at(-1)
    const sentHlc = row?.pending?.frozen?.sent.hlc ?? ''
    const hlc = clock.tick(latestOf(row?.hlc ?? '', previous?.hlc ?? '', sentHlc))
    return {
      id: mutationId(hlc, randomHex),
      hlc,
      collection,
      documentId,
      base: previous?.id ?? (row?.rev || null),
      change,
      ...(after.group === undefined ? {} : { group: after.group }),
    }
  }
}

/** On their own, the pending mutations leave no document: one that is seen all the same was kept by an edit elsewhere. */
function endsDeleted(mutations: readonly Mutation[]): boolean {
  return mutations.findLast(({ change }) => change.kind !== 'update')?.change.kind === 'delete'
}

/** There is nothing that a patch could be laid over again, so it becomes the document that it makes. */
function wholeChange(before: Document | null, change: Change): Change {
  const value = change.kind === 'update' ? applyChange(before, change) : null
  return value === null ? change : { kind: 'create', value }
}

/** A schema that does not know `id` may have taken it away. */
function withId(output: unknown, id: string): unknown {
  return isPlainObject(output) && !Object.hasOwn(output, 'id') ? { id, ...output } : output
}

function pickOutput(output: unknown, fields: readonly string[]): object {
  const entries = Object.entries((output ?? {}) as object)
  return Object.fromEntries(entries.filter(([field]) => fields.includes(field)))
}
