import type { LocatedVersion, Mutation, PushMutation, WriteBatch } from '@holdfast/core'
import {
  decodeLedger,
  decodeLog,
  decodeManifest,
  decodePage,
  type LedgerEntry,
  type Manifest,
  type SettledHow,
} from './core.ts'
import { keyOf } from './documents.ts'

export interface Known {
  readonly mutation: Mutation
  /** The tab that wrote it; `engine` for one that the engine made. */
  readonly writer: string
  /** Its place among all mutations of this disk. */
  readonly place: number
  /** Its batch, counted from the beginning of the disk. */
  readonly batch: number
}

export interface FrozenModel {
  readonly ids: readonly string[]
  readonly sent: PushMutation
}

/** What one batch says, read from its keys and texts. */
export interface Effects {
  readonly manifest: Manifest | null
  readonly versions: readonly LocatedVersion[]
  readonly logs: readonly { readonly writer: string; readonly mutations: readonly Mutation[] }[]
  readonly ledger: readonly LedgerEntry[]
  /** The ledger is replaced: what it says of pending mutations is said again. */
  readonly replacesLedger: boolean
  /** Made by the leader: not the log of a tab alone, nor windows that are kept. */
  readonly isCommit: boolean
}

/** Each batch is looked at twice: before the store takes it, and after. */
let latest: { readonly batch: WriteBatch; readonly effects: Effects } | null = null

export function effectsOf(batch: WriteBatch): Effects {
  if (latest?.batch !== batch) latest = { batch, effects: readEffects(batch) }
  return latest.effects
}

function readEffects(batch: WriteBatch): Effects {
  const put = (batch.put ?? []).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const of = (prefix: string) => put.filter(([key]) => key.startsWith(prefix))
  const manifest = put.find(([key]) => key === 'm')
  const logs = of('w/').map(([key, text]) => ({
    writer: key.split('/')[1] ?? '',
    mutations: decodeLog(text, key),
  }))
  return {
    manifest: manifest === undefined ? null : decodeManifest(manifest[1]),
    versions: of('p/').flatMap(([key, text]) => decodePage(text, key)),
    logs,
    ledger: of('s/').flatMap(([key, text]) => decodeLedger(text, key)),
    replacesLedger: (batch.deleteRanges ?? []).some(({ from }) => from.startsWith('s/')),
    isCommit:
      put.some(([key]) => !key.startsWith('w/') && !key.startsWith('q')) ||
      (batch.deleteRanges ?? []).some(({ from }) => !from.startsWith('q')),
  }
}

/**
 * What is on one disk, as the batches that reached it add up, by rules of its own: which
 * mutations were enqueued, which are pending, in flight, and how the others were settled.
 */
export class DiskModel {
  manifest: Manifest | null = null
  readonly known = new Map<string, Known>()
  readonly pending = new Map<string, Known>()
  readonly settled = new Map<string, SettledHow | 'gone'>()
  readonly frozen = new Map<string, FrozenModel>()
  /** Ids that the server refused, by document. */
  readonly failed = new Map<string, readonly string[]>()
  /** Grows with everything that happens to the disk. */
  version = 0
  #batches: Effects[] = []
  #synced = 0

  apply(effects: Effects): void {
    this.version++
    this.#batches.push(effects)
    this.#fold(effects)
  }

  sync(): void {
    this.#synced = this.#batches.length
  }

  /** It survives a power cut. */
  isSynced(id: string): boolean {
    return (this.known.get(id)?.batch ?? Number.POSITIVE_INFINITY) <= this.#synced
  }

  get unsynced(): number {
    return this.#batches.length - this.#synced
  }

  /** The power was cut: only the oldest `kept` of the batches that were not synced are left. */
  cut(kept: number): void {
    const batches = this.#batches.slice(0, this.#synced + kept)
    this.clear()
    for (const effects of batches) this.apply(effects)
    this.#synced = batches.length
  }

  clear(): void {
    this.version++
    this.manifest = null
    for (const part of [this.known, this.pending, this.settled, this.frozen, this.failed]) part.clear()
    this.#batches = []
    this.#synced = 0
  }

  #fold({ manifest, logs, ledger, replacesLedger }: Effects): void {
    if (manifest !== null) this.manifest = manifest
    for (const { writer, mutations } of logs)
      for (const mutation of mutations) this.#enqueue(mutation, writer)
    if (replacesLedger) {
      this.frozen.clear()
      this.failed.clear()
    }
    for (const entry of ledger) this.#foldEntry(entry)
  }

  #enqueue(mutation: Mutation, writer: string): void {
    if (this.known.has(mutation.id)) return
    const known = { mutation, writer, place: this.known.size, batch: this.#batches.length }
    this.known.set(mutation.id, known)
    this.pending.set(mutation.id, known)
  }

  #foldEntry(entry: LedgerEntry): void {
    if (entry.kind === 'gone') {
      for (const id of entry.ids) this.#settle(id, 'gone')
      return
    }
    const key = keyOf(entry.collection, entry.documentId)
    if (entry.kind === 'carried') this.#enqueue(entry.mutation, 'engine')
    else if (entry.kind === 'settled') {
      for (const id of entry.ids) this.#settle(id, entry.how)
      if (this.frozen.get(key)?.ids.some((id) => entry.ids.includes(id))) this.frozen.delete(key)
      this.failed.delete(key)
    } else if (entry.kind === 'frozen') this.frozen.set(key, { ids: entry.ids, sent: this.sentBy(entry) })
    else if (entry.kind === 'thawed') this.frozen.delete(key)
    else if (entry.kind === 'failed') {
      this.frozen.delete(key)
      this.failed.set(key, entry.ids)
    } else if (entry.kind === 'revived') this.failed.delete(key)
  }

  /** A frozen record leaves out what a single create in the log has. */
  sentBy({ sent, collection, documentId }: Extract<LedgerEntry, { kind: 'frozen' }>): PushMutation {
    if ('value' in sent) return sent
    const change = this.known.get(sent.id)?.mutation.change
    return { ...sent, collection, documentId, value: change?.kind === 'create' ? change.value : null }
  }

  #settle(id: string, how: SettledHow | 'gone'): void {
    this.pending.delete(id)
    if (!this.settled.has(id)) this.settled.set(id, how)
  }
}
