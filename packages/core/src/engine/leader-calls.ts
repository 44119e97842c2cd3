import { HoldfastError, isHoldfastError } from '../errors/holdfast-error.ts'
import type { Channel, Runtime } from '../runtime/runtime.ts'
import { closed } from '../storage/refusals.ts'

type Call = { readonly kind: 'call'; readonly id: string; readonly method: string; readonly args: unknown }
type Reply = {
  readonly kind: 'reply'
  readonly id: string
  readonly value?: unknown
  readonly error?: WireError
}
type WireError = Pick<HoldfastError, 'code' | 'message' | 'retryable' | 'details'>

/** An answer that does not come by then is given up, in ms: there may be no leader. */
const PATIENCE_MS = 60_000
/** A call is repeated as often as this until it is answered, since the leader may have changed; calls are idempotent. */
const REPEAT_MS = 5000

/** Carries commands that only the leader can execute from any tab to the leader. */
export class LeaderCalls {
  readonly #runtime: Runtime
  readonly #channel: Channel
  readonly #isLeader: () => boolean
  readonly #execute: (method: string, args: unknown) => Promise<unknown>
  readonly #waiting = new Map<string, { readonly take: (reply: Reply) => void; readonly again: () => void }>()
  #isClosed = false
  readonly #executing = new Set<string>()

  constructor(parts: {
    runtime: Runtime
    channel: Channel
    isLeader: () => boolean
    execute: (method: string, args: unknown) => Promise<unknown>
  }) {
    this.#runtime = parts.runtime
    this.#channel = parts.channel
    this.#isLeader = parts.isLeader
    this.#execute = parts.execute
    parts.channel.subscribe((message) => this.#receive(message as Call | Reply | null))
  }

  async call(method: string, args: unknown): Promise<unknown> {
    if (this.#isLeader()) return this.#execute(method, args)
    const id = this.#runtime.randomHex(16)
    const message: Call = { kind: 'call', id, method, args }
    const reply = await this.#ask(message)
    if (reply.error !== undefined) {
      const { code, ...rest } = reply.error
      throw new HoldfastError(code, rest.message, rest)
    }
    return reply.value
  }

  /** The channel is about to be closed: nothing is answered any more, and who waits is told so. */
  close(): void {
    this.#isClosed = true
    this.retry()
  }

  /** This tab leads now: calls that wait for a leader are executed here, without waiting for a repeat. */
  retry(): void {
    for (const { again } of [...this.#waiting.values()]) again()
  }

  #ask(message: Call): Promise<Reply> {
    const started = this.#runtime.monotonic()
    return new Promise((resolve, reject) => {
      const send = () => {
        if (this.#isClosed) {
          this.#waiting.delete(message.id)
          reject(closed())
          return () => {}
        }
        if (this.#isLeader()) {
          this.#waiting.delete(message.id)
          this.#execute(message.method, message.args).then(
            (value) => resolve({ kind: 'reply', id: message.id, value }),
            reject,
          )
          return () => {}
        }
        if (this.#runtime.monotonic() - started > PATIENCE_MS) {
          this.#waiting.delete(message.id)
          reject(noLeader())
          return () => {}
        }
        this.#channel.post(message)
        return this.#runtime.setTimer(REPEAT_MS, () => {
          cancel = send()
        })
      }
      let cancel = () => {}
      const take = (reply: Reply) => {
        cancel()
        resolve(reply)
      }
      const again = () => {
        cancel()
        cancel = send()
      }
      this.#waiting.set(message.id, { take, again })
      cancel = send()
    })
  }

  #receive(message: Call | Reply | null): void {
    if (message?.kind === 'reply') {
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      waiting?.take(message)
    } else if (message?.kind === 'call' && this.#isLeader() && !this.#executing.has(message.id)) {
      void this.#answer(message)
    }
  }

  async #answer({ id, method, args }: Call): Promise<void> {
    this.#executing.add(id)
    const reply = await this.#execute(method, args).then(
      (value): Reply => ({ kind: 'reply', id, value }),
      (error: unknown): Reply => ({ kind: 'reply', id, error: wireError(error) }),
    )
    this.#executing.delete(id)
    // Closed meanwhile: the next leader is asked again.
    if (!this.#isClosed) this.#channel.post(reply)
  }
}

function wireError(error: unknown): WireError {
  if (!isHoldfastError(error))
    return {
      code: 'store_failed',
      message: 'The tab that syncs failed to execute the command.',
      retryable: true,
      details: {},
    }
  const { code, message, retryable, details } = error
  return { code, message, retryable, details }
}

function noLeader(): HoldfastError {
  return new HoldfastError(
    'timeout',
    'No tab of this database answered as the one that syncs. Nothing was changed. Try again.',
    {
      retryable: true,
    },
  )
}
