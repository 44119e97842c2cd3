import type { PushMutation } from '../contracts/remote-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Document } from '../model/document.ts'
import type { Rejection } from './stored-document.ts'

export type RemoteCall = 'pull' | 'push'

export interface FaultScope {
  /** How many calls it strikes; 1 unless told. */
  readonly count?: number
  /** Only this kind of call; any unless told. */
  readonly call?: RemoteCall
}

/** Levers for what networks and servers do. Each strikes the next calls of any client of the server. */
export interface ServerFaults {
  /** Calls fail with `error` before they take effect. */
  fail(error: HoldfastError, scope?: FaultScope): void
  /** Calls take effect, and then fail with `network`: the answer was lost. */
  loseResponse(scope?: FaultScope): void
  /** Pushes are delivered twice; the client hears the second answer. */
  deliverTwice(scope?: Pick<FaultScope, 'count'>): void
  /** Calls wait until the returned function is called. Those that are aborted meanwhile never take effect. */
  hold(call?: RemoteCall): () => void
  /** Every call fails with `network` until set back. */
  setAvailable(available: boolean): void
  /** Every call fails with `auth` until set back. */
  setAuthorized(authorized: boolean): void
  /** Pushes fail with `moved` until set back. */
  setSealed(sealed: boolean): void
  /** Mutations for which `judge` gives a reason are rejected; null ends it. */
  rejectWhen(judge: ((mutation: PushMutation) => Omit<Rejection, 'kind'> | null) | null): void
  /** The server stores what `change` returns, as a trigger or a default would; null ends it. */
  changeOnWrite(change: ((value: Document, mutation: PushMutation) => Document) | null): void
}

interface Armed {
  readonly kind: 'fail' | 'lose' | 'twice'
  readonly call: RemoteCall | undefined
  readonly error: HoldfastError | undefined
  count: number
}

interface Held {
  readonly call: RemoteCall | undefined
  readonly released: Promise<void>
}

/** The levers together with what the server asks of them. */
export class FaultBoard implements ServerFaults {
  readonly #armed: Armed[] = []
  readonly #holds = new Set<Held>()
  #available = true
  #authorized = true
  #sealed = false
  judge: ((mutation: PushMutation) => Omit<Rejection, 'kind'> | null) | null = null
  change: ((value: Document, mutation: PushMutation) => Document) | null = null

  fail(error: HoldfastError, { count = 1, call }: FaultScope = {}): void {
    this.#armed.push({ kind: 'fail', call, error, count })
  }

  loseResponse({ count = 1, call }: FaultScope = {}): void {
    this.#armed.push({ kind: 'lose', call, error: networkError('The answer was lost'), count })
  }

  deliverTwice({ count = 1 }: Pick<FaultScope, 'count'> = {}): void {
    this.#armed.push({ kind: 'twice', call: 'push', error: undefined, count })
  }

  hold(call?: RemoteCall): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    const held: Held = { call, released: promise }
    this.#holds.add(held)
    return () => {
      this.#holds.delete(held)
      resolve()
    }
  }

  setAvailable(available: boolean): void {
    this.#available = available
  }

  setAuthorized(authorized: boolean): void {
    this.#authorized = authorized
  }

  setSealed(sealed: boolean): void {
    this.#sealed = sealed
  }

  rejectWhen(judge: FaultBoard['judge']): void {
    this.judge = judge
  }

  changeOnWrite(change: FaultBoard['change']): void {
    this.change = change
  }

  async released(call: RemoteCall): Promise<void> {
    for (const held of this.#holds) if (held.call === undefined || held.call === call) await held.released
  }

  /** Throws what the call must fail with before it takes effect. */
  strikeBefore(call: RemoteCall): void {
    if (!this.#available) throw networkError('The server is not reachable')
    if (!this.#authorized) throw authError()
    if (this.#sealed && call === 'push') throw movedError()
    const error = this.#take('fail', call)?.error
    if (error !== undefined) throw error
  }

  isTwice(): boolean {
    return this.#take('twice', 'push') !== undefined
  }

  /** Throws what the call must fail with although it took effect. */
  strikeAfter(call: RemoteCall): void {
    const error = this.#take('lose', call)?.error
    if (error !== undefined) throw error
  }

  #take(kind: Armed['kind'], call: RemoteCall): Armed | undefined {
    const armed = this.#armed.find(
      (one) => one.kind === kind && one.count > 0 && (one.call === undefined || one.call === call),
    )
    if (armed !== undefined) armed.count -= 1
    return armed
  }
}

function networkError(fact: string): HoldfastError {
  return new HoldfastError(
    'network',
    `${fact}. What was pushed may have taken effect or not. Send it again.`,
    { retryable: true },
  )
}

function authError(): HoldfastError {
  return new HoldfastError('auth', 'The session has expired. Nothing was changed. Sign in, then sync again.')
}

function movedError(): HoldfastError {
  return new HoldfastError(
    'moved',
    'This remote takes no more writes: it has moved. Nothing was changed. Sync with its successor.',
  )
}
