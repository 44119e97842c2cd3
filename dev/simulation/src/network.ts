import {
  HoldfastError,
  type PullPage,
  type PullRequest,
  type PushAnswer,
  type PushRequest,
  type RemoteStore,
  type Runtime,
} from '@holdfast/core'
import type { SwarmConfig } from './config.ts'
import type { ServerBackend } from './core.ts'
import type { Dice } from './dice.ts'
import type { Hits } from './hits.ts'
import type { OldVersions } from './old-versions.ts'

/** What stands between one device and the server at the moment. */
export interface Line {
  isCut: boolean
  /** Requests that are told to come back later. */
  throttled: number
  isAuthorized: boolean
}

export interface NetworkParts {
  readonly backend: ServerBackend
  readonly config: SwarmConfig
  readonly dice: Dice
  readonly hits: Hits
  readonly line: Line
  /** What the feed still has besides the latest version of each document; null: nothing. */
  readonly oldVersions: OldVersions | null
  /** False once the faults are over. */
  readonly isRough: () => boolean
  readonly runtime: Runtime
  /** The server's present epoch. */
  readonly epoch: () => string
  readonly isDead: () => boolean
  /** Runs at the server's end, after the given ms, whatever became of the tab. */
  readonly schedule: (ms: number, run: () => void) => void
  readonly onPushed: (request: PushRequest, answer: PushAnswer) => void
  /** A crash may come here: around the sending of a request, and around its answer. */
  readonly onPoint: (what: string) => void
  readonly onPush: (request: PushRequest) => void
  readonly say: (text: string) => void
}

const LATE_DUPLICATE_MS = 40_000

/** The way of one tab to the server: requests and answers are lost, doubled, late and out of order, by seed. */
export function remoteOver(parts: NetworkParts): RemoteStore {
  const { backend, config, dice, hits, line, runtime, schedule } = parts
  const { faults, networkRate } = config
  const strikes = (fault: SwarmConfig['faults'][number]) =>
    parts.isRough() && faults.includes(fault) && dice.chance(networkRate)
  const delay = () => (parts.isRough() ? dice.below(config.maxDelay + 1) : 1)

  function call<T>(what: string, signal: AbortSignal, serve: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const isOver = (point: string) => {
        if (!parts.isDead()) parts.onPoint(point)
        return parts.isDead()
      }
      if (isOver(`before ${what} is sent`)) return
      const hear = (end: () => void) => {
        runtime.setTimer(delay(), () => {
          if (!isOver(`after ${what} is answered`)) end()
        })
      }
      const lose = (which: string) => {
        hits.hit(which)
        parts.say(`${what}: ${which}`)
        if (strikes('silence')) hits.hit('silence')
        else hear(() => reject(network(which)))
      }
      signal.addEventListener('abort', () => reject(aborted()), { once: true })
      const there = delay()
      if (strikes('duplicates')) {
        hits.hit('duplicate delivered')
        const epoch = parts.epoch()
        schedule(there + dice.pick([1, config.maxDelay * 3, LATE_DUPLICATE_MS]), () => {
          // A copy that outlives a restore is not simulated: see docs/simulation.md, "What is not checked".
          if (!line.isCut && line.isAuthorized && epoch === parts.epoch()) serve()
        })
      }
      schedule(there, () => {
        isOver(`while ${what} is under way`)
        if (line.isCut) return lose('request lost in a partition')
        if (!line.isAuthorized) {
          hits.hit('session refused')
          parts.say(`${what}: the session has expired`)
          return hear(() => reject(unauthorized()))
        }
        if (line.throttled > 0) {
          line.throttled--
          hits.hit('request throttled')
          return hear(() => reject(throttled(100 + dice.below(2_000))))
        }
        if (strikes('lost requests')) return lose('request lost')
        const answer = serve()
        isOver(`after ${what} took effect`)
        if (line.isCut || strikes('lost responses')) return lose('response lost')
        if (strikes('garbled answers')) {
          hits.hit('answer garbled')
          parts.say(`${what}: the answer is no answer`)
          return hear(() => reject(garbled()))
        }
        hear(() => resolve(answer))
      })
    })
  }

  return {
    specVersion: 1,
    name: 'simulated',
    capabilities: {
      maxBatch: backend.limits.maxBatch,
      maxBatchBytes: 1 << 22,
      maxDocumentBytes: backend.limits.maxDocumentBytes,
      atomicGroups: backend.limits.maxBatch,
      pokes: true,
    },
    pull(request: PullRequest): Promise<PullPage> {
      const { signal, ...asked } = overTheWire(request)
      return call('pull', signal, () => {
        const whole = { ...asked, signal }
        const latest = backend.pull('default', whole)
        const page = parts.oldVersions?.mixInto(latest, whole) ?? latest
        if (page.hasMore) hits.hit('pull of several pages')
        if (page.reset !== undefined) hits.hit('feed started over')
        if (page.changes.length > 0) parts.say(`pull answers ${page.changes.length} changes`)
        return carried(page)
      })
    },
    push(request: PushRequest): Promise<PushAnswer> {
      const { signal, ...sent } = overTheWire(request)
      parts.onPush(request)
      return call('push', signal, () => {
        for (const { collection, documentId } of sent.mutations)
          parts.oldVersions?.note(collection, documentId)
        const answer = backend.push('default', { ...sent, signal })
        parts.onPushed({ ...sent, signal }, answer)
        for (const { kind } of answer.outcomes) hits.hit(`outcome ${kind}`)
        parts.say(
          `push ${sent.mutations.map(({ collection, documentId }) => `${collection}/${documentId}`).join(' ')}: ${answer.outcomes.map(({ kind }) => kind).join(' ')}`,
        )
        return carried(answer)
      })
    },
    subscribe: (poke) =>
      backend.subscribe('default', () => {
        if (line.isCut || parts.isDead()) return
        runtime.setTimer(delay(), () => {
          if (!strikes('lost requests')) poke()
        })
      }),
  }
}

function overTheWire<T extends { readonly signal: AbortSignal }>({ signal, ...rest }: T): T {
  return { ...carried(rest), signal } as T
}

/** What arrives is the JSON text that was sent. */
function carried<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

function network(what: string): HoldfastError {
  return new HoldfastError('network', `${what}. It is sent again.`, { retryable: true })
}

/** As an adapter sorts a truncated body, or the page of a captive portal. */
function garbled(): HoldfastError {
  return new HoldfastError('protocol', 'The answer is not one of this protocol. It is sent again.', {
    retryable: true,
  })
}

function throttled(retryAfter: number): HoldfastError {
  return new HoldfastError('throttled', 'Too many requests. Come back later.', {
    retryable: true,
    details: { retryAfter },
  })
}

function unauthorized(): HoldfastError {
  return new HoldfastError('auth', 'The session has expired. Nothing was changed.')
}

function aborted(): HoldfastError {
  return new HoldfastError('aborted', 'The call was cancelled.')
}
