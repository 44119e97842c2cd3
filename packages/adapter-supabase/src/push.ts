import {
  type CurrentVersion,
  type Document,
  HoldfastError,
  isPlainObject,
  type PushAnswer,
  type PushMutation,
  type PushOutcome,
  type PushRequest,
} from '@holdfast/core'
import { call, unexpected } from './call.ts'
import type { SupabaseClientLike } from './client.ts'
import { hasNulls, withoutNulls } from './document.ts'
import type { Names } from './names.ts'
import { refuseUnstorable } from './refuse.ts'
import { toWire, type WirePush } from './wire.ts'

/** Two writers were in each other's way: the next try usually finds the road free. */
const CONTENTION_MS = 100
const GROUP_MS = 50

type WireOutcome = {
  readonly kind: PushOutcome['kind']
  readonly rev?: string
  readonly hlc?: string
  readonly value?: Record<string, unknown> | null
  readonly current?: {
    rev: string
    hlc: string
    recent: string[]
    value: Record<string, unknown> | null
  } | null
  readonly reason?: string
  readonly message?: string | null
  readonly field?: string | null
  readonly constraint?: string | null
}

const AS_SENT: WireOutcome = { kind: 'applied' }

/** A push that only has to be sent. */
interface Ready {
  /** What PostgreSQL could not store is refused before it is sent. */
  readonly refused: ReadonlyMap<number, PushOutcome>
  /** Where the others stand in the push. */
  readonly places: readonly number[]
  readonly sent: readonly PushMutation[]
  readonly request: WirePush
  readonly text: string
}

/** Pushes to one project. One request, one transaction. */
export class Pusher {
  readonly #client: SupabaseClientLike
  readonly #names: Names
  readonly #ready = new WeakMap<readonly PushMutation[], Ready>()

  constructor(client: SupabaseClientLike, names: Names) {
    this.#client = client
    this.#names = names
  }

  prepare(mutations: readonly PushMutation[]): void {
    this.#ready.set(mutations, makeReady(mutations, this.#names))
  }

  async push({ mutations, signal }: PushRequest): Promise<PushAnswer> {
    const ready = this.#ready.get(mutations) ?? makeReady(mutations, this.#names)
    const outcomes = new Map(ready.refused)
    if (ready.sent.length > 0) {
      const answered = await send(ready, { client: this.#client, signal })
      for (const [n, i] of ready.places.entries()) outcomes.set(i, answered[n] as PushOutcome)
    }
    return { outcomes: mutations.map((_, i) => outcomes.get(i) as PushOutcome) }
  }
}

function makeReady(mutations: readonly PushMutation[], names: Names): Ready {
  const refused = refuseUnstorable(mutations)
  const places = [...mutations.keys()].filter((i) => !refused.has(i))
  const sent = places.map((i) => mutations[i] as PushMutation)
  const request = toWire(sent, names)
  return { refused, places, sent, request, text: JSON.stringify(request) }
}

async function send(
  { sent: mutations, request, text }: Ready,
  { client, signal }: { readonly client: SupabaseClientLike; readonly signal: AbortSignal },
): Promise<PushOutcome[]> {
  const answer = await call(client, 'push', { request, text, signal })
  if (answer.failure) {
    // Deadlock, serialization or lock failure: the whole push was rolled back.
    if (!/^(40|55)/.test(answer.error.code ?? '')) throw answer.failure
    return mutations.map(() => ({ kind: 'retry', after: CONTENTION_MS, reason: 'contention' }))
  }
  const { data } = answer
  if (isPlainObject(data) && typeof data.moved === 'string') throw movedTo(data.moved)
  if (!isPlainObject(data) || data.of !== mutations.length || !Array.isArray(data.others)) {
    throw unexpected('push')
  }
  const others = new Map(data.others as [place: number, outcome: WireOutcome][])
  return mutations.map((mutation, place) => toOutcome(mutation, others.get(place) ?? AS_SENT))
}

function toOutcome(mutation: PushMutation, wire: WireOutcome): PushOutcome {
  switch (wire.kind) {
    case 'applied': {
      const value = valueMade(mutation, wire)
      const made = { rev: wire.rev ?? mutation.id, hlc: wire.hlc ?? mutation.hlc }
      return { kind: 'applied', ...made, ...(value === undefined ? {} : { value }) }
    }
    case 'duplicate':
      if (!wire.current) throw unexpected('push')
      return { kind: 'duplicate', current: toCurrent(wire.current) }
    case 'conflict':
      return { kind: 'conflict', current: wire.current ? toCurrent(wire.current) : null }
    case 'rejected':
      return {
        kind: 'rejected',
        reason: wire.reason ?? 'rejected',
        ...(wire.message ? { message: wire.message } : {}),
        ...(wire.field ? { field: wire.field } : {}),
        ...(wire.constraint ? { constraint: wire.constraint } : {}),
      }
    case 'retry':
      return { kind: 'retry', after: GROUP_MS, reason: wire.reason ?? 'retry' }
    default:
      throw unexpected('push')
  }
}

/** The document that stands, where it is not the one that was sent. */
function valueMade({ value: sent }: PushMutation, wire: WireOutcome): Document | null | undefined {
  if (wire.value !== undefined) return wire.value === null ? null : withoutNulls(wire.value)
  return sent !== null && hasNulls(sent) ? withoutNulls(sent) : undefined
}

function toCurrent({ rev, hlc, recent, value }: NonNullable<WireOutcome['current']>): CurrentVersion {
  return { rev, hlc, recent, value: value === null ? null : withoutNulls(value) }
}

function movedTo(target: string): HoldfastError {
  return new HoldfastError(
    'moved',
    'The documents of this database have moved. Pending writes are kept; point the application at the new remote.',
    { details: target === '' ? {} : { movedTo: target } },
  )
}
