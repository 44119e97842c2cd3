import type { LockOptions, Locks } from '@holdfast/core'
import type { TabLife } from './tab.ts'

interface Claim {
  readonly life: TabLife
  readonly stolen: AbortController
  readonly fail: (error: unknown) => void
  readonly start: () => Promise<void>
}

/**
 * The exclusive locks of one machine, granted first come, first served, in a later event. A
 * killed tab's locks are free at once and its requests never settle; a frozen tab keeps its locks.
 * A steal aborts `stolen` of the holder, rejects its request, and goes before those who wait.
 */
export interface LockTable {
  forTab(life: TabLife): Locks
}

export function createLockTable(): LockTable {
  const holders = new Map<string, Claim>()
  const queues = new Map<string, Claim[]>()

  function grant(name: string, claim: Claim): void {
    holders.set(name, claim)
    claim.life.schedule(0, () => {
      if (holders.get(name) === claim) void claim.start()
    })
  }

  function take(name: string, claim: Claim, steal: boolean): void {
    const holder = holders.get(name)
    if (holder !== undefined && !steal) {
      queues.set(name, [...(queues.get(name) ?? []), claim])
      return
    }
    grant(name, claim)
    holder?.stolen.abort()
    holder?.fail(abortError(`lock "${name}" was stolen`))
  }

  /** Takes the claim out, held or waiting, and lets the next one in. */
  function drop(name: string, claim: Claim): void {
    queues.set(
      name,
      (queues.get(name) ?? []).filter((waiting) => waiting !== claim),
    )
    if (holders.get(name) !== claim) return
    holders.delete(name)
    const next = queues.get(name)?.shift()
    if (next) grant(name, next)
  }

  return {
    forTab: (life) => ({
      isHeld: async (name) => holders.has(name),
      request<T>(
        name: string,
        { signal, steal = false }: LockOptions,
        hold: (stolen: AbortSignal) => Promise<T>,
      ): Promise<T> {
        return new Promise<T>((resolve, reject) => {
          if (life.state() === 'killed') return
          if (signal?.aborted) return reject(abortError(`waiting for lock "${name}" was aborted`))
          const stolen = new AbortController()
          const claim: Claim = {
            life,
            stolen,
            fail: reject,
            async start() {
              signal?.removeEventListener('abort', giveUp)
              try {
                const result = await hold(stolen.signal)
                if (life.state() !== 'killed') resolve(result)
              } catch (error) {
                if (life.state() !== 'killed') reject(error)
              }
              drop(name, claim)
            },
          }
          const giveUp = () => {
            drop(name, claim)
            reject(abortError(`waiting for lock "${name}" was aborted`))
          }
          signal?.addEventListener('abort', giveUp, { once: true })
          life.onKill(() => drop(name, claim))
          take(name, claim, steal)
        })
      },
    }),
  }
}

function abortError(message: string): DOMException {
  return new DOMException(message, 'AbortError')
}
