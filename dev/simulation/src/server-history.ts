import type { Document, PushMutation, PushOutcome } from '@holdfast/core'
import type { DiskModel } from './disk-model.ts'
import { deletesOf, isLocalOnly, keyOf } from './documents.ts'
import { netEffectOf } from './net-effect.ts'
import { Violation } from './violation.ts'

export interface ServerVersion {
  readonly key: string
  readonly value: Document | null
  /** All that ever stood under the revision: after a restore it can be made again, on another base. */
  readonly values: readonly (Document | null)[]
  readonly place: number
}

/** Why the simulated server refuses what it is told to refuse; for anything else, the sender is to blame. */
export const REFUSED = 'refused_by_rule'

/** As many mutations of a document as the server remembers. */
const REMEMBERED = 8

interface Pushed {
  readonly mutations: readonly PushMutation[]
  readonly outcomes: readonly PushOutcome[]
  readonly model: DiskModel
  /** The server may make something else of what is sent. */
  readonly isChanging: boolean
  readonly read: (collection: string, id: string) => Document | null
}

/** Everything that the server ever held, and what each push came to: the ground truth of a history. */
export class ServerHistory {
  readonly versions = new Map<string, ServerVersion>()
  /** Mutations that were answered with a conflict, or undone with the rest of their group. */
  readonly conflicted = new Set<string>()
  readonly rejected = new Set<string>()
  /** Mutations as they were delivered, oldest first. */
  readonly delivered: PushMutation[] = []
  /** Revisions that a restore took away, and that may be applied again. */
  readonly #rewound = new Set<string>()
  #rewinds = 0
  /** By mutation of the log: the revision as which it took effect, and how many its document had seen then. */
  readonly #effects = new Map<string, { readonly rev: string; readonly seen: number }>()
  /** Ids under which something met a conflict or was refused, or was undone with the rest of its group, as its sender heard. */
  readonly #spent = new Set<string>()
  /** Ids under which something was undone with the rest of its transaction. */
  readonly #undone = new Set<string>()
  /** Mutations of which their device may have forgotten that it sent them. */
  readonly #unsure = new Set<string>()
  /** Documents of which the server forgot a tombstone: there a creation fits that did not fit before. */
  readonly #forgotten = new Set<string>()
  /** Revisions made by a late copy of what met a conflict. */
  readonly #unheard = new Set<string>()
  /** By document: how many pushes took effect. */
  readonly #seen = new Map<string, number>()
  /** By tab and document: the place of the latest mutation in effect. */
  #lastPlaces = new Map<string, number>()

  foreign(
    collection: string,
    version: { readonly rev: string; readonly value: Document | null },
    id: string,
  ) {
    this.#add(version.rev, keyOf(collection, id), version.value)
  }

  /** A restore: what came after `place` is no more. */
  rewind(place: number): void {
    this.#rewinds++
    for (const [rev, version] of this.versions) if (version.place > place) this.#rewound.add(rev)
    this.#lastPlaces = new Map()
  }

  /** Tombstones are forgotten, and with them which mutations their documents had seen. */
  forget(keys: ReadonlySet<string>): void {
    for (const [rev, version] of this.versions) if (keys.has(version.key)) this.#rewound.add(rev)
    for (const key of keys) this.#forgotten.add(key)
    this.#lastPlaces = new Map()
  }

  /**
   * A device lost its latest writes, and may make others in their place; what it sends again may be
   * older than the last few mutations by which the server knows its own.
   */
  lostTail(known: Iterable<string>): void {
    this.#lastPlaces = new Map()
    this.#spent.clear()
    for (const id of known) {
      this.#rewound.add(id)
      this.#unsure.add(id)
    }
  }

  /** Changes when versions are made or rewound. */
  get stamp(): string {
    return `${this.versions.size}/${this.#rewinds}`
  }

  get place(): number {
    return this.versions.size
  }

  pushed({ mutations, outcomes, model, isChanging, read }: Pushed): void {
    this.delivered.push(...mutations)
    this.#checkGroups(mutations, outcomes)
    const undone = new Set(mutations.filter((_, i) => !isInEffect(outcomes[i])).map(({ group }) => group))
    for (const [i, mutation] of mutations.entries()) {
      const outcome = outcomes[i]
      const isUndone = mutation.group !== undefined && undone.has(mutation.group)
      if (outcome?.kind === 'conflict' || (outcome?.kind === 'retry' && isUndone))
        this.conflicted.add(mutation.id)
      if (outcome?.kind === 'retry' && isUndone) this.#undone.add(mutation.id)
      if (outcome?.kind === 'rejected') this.#refuse(mutation, outcome.reason)
      if (outcome?.kind !== 'applied') continue
      if (outcome.value !== undefined && !isChanging)
        throw new Violation('S1', `${mutation.documentId}: the server holds something else than was sent`)
      this.#checkOnce(mutation, model)
      this.#checkOrder(mutation, model)
      this.#checkTombstone(mutation, model)
      const { collection, documentId } = mutation
      this.#add(mutation.id, keyOf(collection, documentId), read(collection, documentId))
    }
  }

  #refuse({ id, documentId }: PushMutation, reason: string): void {
    if (reason !== REFUSED)
      throw new Violation('Q3', `${documentId} was sent in a form that the server must refuse: ${reason}`)
    this.rejected.add(id)
  }

  #add(rev: string, key: string, value: Document | null): void {
    const values = [...(this.versions.get(rev)?.values ?? []), value]
    if (values.length > 1) this.#rewinds++
    this.versions.set(rev, { key, value, values, place: this.versions.size })
    this.#rewound.delete(rev)
  }

  /** Its sender heard that it did not take effect: what is made of it is something else. */
  spend(id: string): void {
    this.#spent.add(id)
  }

  /** An id is the revision of one content. */
  checkUnspent(id: string): void {
    if (this.#spent.has(id))
      throw new Violation('S3', `${id} is to be sent again, maybe as something else, after it was taken back`)
  }

  /**
   * A revision is made once; and what the user did takes effect once, as long as the server remembers
   * that it did. After that nobody can tell it from what never arrived, and it is merged.
   */
  #checkOnce(mutation: PushMutation, model: DiskModel): void {
    const { id, collection, documentId } = mutation
    if (this.versions.has(id) && !this.#rewound.has(id))
      throw new Violation('S3', `revision ${id} was made twice`)
    const key = keyOf(collection, documentId)
    // A late copy of what its sender was told met a conflict: only the server could know, and forgot.
    if (this.#spent.has(id) && mutation.base === null && this.#forgotten.has(key)) this.#unheard.add(id)
    const seen = (this.#seen.get(key) ?? 0) + 1
    this.#seen.set(key, seen)
    for (const one of enqueuedAs(mutation, model)) {
      const before = this.#effects.get(one)
      this.#effects.set(one, { rev: id, seen })
      if (before === undefined || this.#rewound.has(before.rev) || this.#rewound.has(one)) continue
      if (this.#unheard.has(before.rev)) continue
      // Its sender was told that it was refused, itself or with its transaction; a late copy of it was not.
      if (this.rejected.has(one) || this.#undone.has(one) || this.#unsure.has(one)) continue
      if (seen - before.seen <= REMEMBERED)
        throw new Violation('S3', `mutation ${one} took effect twice, as ${before.rev} and as ${id}`)
    }
  }

  /** One tab's writes to one document take effect in the order in which they were made. */
  #checkOrder(mutation: PushMutation, model: DiskModel): void {
    const { collection, documentId } = mutation
    const known = model.known.get(enqueuedAs(mutation, model).at(-1) ?? '')
    if (known === undefined || known.writer === 'engine') return
    const key = `${known.writer}/${keyOf(collection, documentId)}`
    const last = this.#lastPlaces.get(key) ?? -1
    if (known.place < last)
      throw new Violation(
        'S4',
        `${collection}/${documentId}: a later write of the same tab took effect before`,
      )
    this.#lastPlaces.set(key, known.place)
  }

  /** Only someone who saw the deletion creates the document again. */
  #checkTombstone({ collection, documentId, base, value, id }: PushMutation, model: DiskModel): void {
    const key = keyOf(collection, documentId)
    const before = base === null ? undefined : this.versions.get(base)
    if (before === undefined || before.value !== null || value === null) return
    if (deletesOf(collection) !== 'deleteWins') return
    const frozen = model.frozen.get(key)
    if (frozen?.sent.id !== id) return
    const mutations = frozen.ids.flatMap((one) => model.known.get(one)?.mutation ?? [])
    if (!netEffectOf(mutations).creates)
      throw new Violation('S10', `${key}: an edit brought a deleted document back`)
  }

  #checkGroups(mutations: readonly PushMutation[], outcomes: readonly PushOutcome[]): void {
    const byGroup = new Map<string, (PushOutcome['kind'] | undefined)[]>()
    for (const [i, { group, collection }] of mutations.entries()) {
      if (group === undefined || isLocalOnly(collection)) continue
      byGroup.set(group, [...(byGroup.get(group) ?? []), outcomes[i]?.kind])
    }
    // What took effect before stands, whatever of its group the server has forgotten since.
    for (const kinds of byGroup.values())
      if (kinds.includes('applied') && kinds.some((kind) => kind !== 'applied' && kind !== 'duplicate'))
        throw new Violation('S5', 'a group took effect in part')
  }
}

/** The mutations of the log that are sent as this one, oldest first. */
function enqueuedAs({ id, collection, documentId }: PushMutation, model: DiskModel): readonly string[] {
  const frozen = model.frozen.get(keyOf(collection, documentId))
  return frozen?.sent.id === id ? frozen.ids.toSorted() : [id]
}

function isInEffect(outcome: PushOutcome | undefined): boolean {
  return outcome?.kind === 'applied' || outcome?.kind === 'duplicate'
}

/** Sent together: each pending mutation of a transaction that the push touches is in it. `groups`: as the application made them. */
export function checkWholeGroups(
  mutations: readonly PushMutation[],
  { model, groups }: { model: DiskModel; groups: ReadonlyMap<string, string> },
): void {
  const sent = new Set<string>()
  for (const { collection, documentId, id } of mutations) {
    const frozen = model.frozen.get(keyOf(collection, documentId))
    if (frozen?.sent.id === id) for (const one of frozen.ids) sent.add(one)
  }
  const touched = new Set([...sent].flatMap((id) => groups.get(id) ?? []))
  if (touched.size === 0) return
  for (const { mutation } of model.pending.values()) {
    const { id, collection, documentId } = mutation
    if (!touched.has(groups.get(id) ?? '') || sent.has(id) || isLocalOnly(collection)) continue
    throw new Violation('S5', `${collection}/${documentId}: left behind by the rest of its transaction`)
  }
}
