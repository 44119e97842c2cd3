import type { Locks } from './runtime.ts'

interface Holder {
  readonly stolen: AbortController
  /** Told when the lock is this holder's. */
  readonly grant: () => void
}

/** Locks among the users of one process, for platforms without Web Locks. First come, first served. */
export function createProcessLocks(): Locks {
  const holders = new Map<string, Holder>()
  const queues = new Map<string, Holder[]>()

  /** Hands over to the next in line at once, so that nobody can come between. */
  function release(name: string, holder: Holder): void {
    if (holders.get(name) !== holder) return
    const next = queues.get(name)?.shift()
    if (next === undefined) {
      holders.delete(name)
      queues.delete(name)
      return
    }
    holders.set(name, next)
    next.grant()
  }

  function acquire(name: string, options: { signal?: AbortSignal; steal?: boolean }): Promise<Holder> {
    return new Promise((resolve, reject) => {
      const holder: Holder = { stolen: new AbortController(), grant: () => resolve(holder) }
      const current = holders.get(name)
      if (options.steal || current === undefined) {
        holders.set(name, holder)
        current?.stolen.abort()
        return holder.grant()
      }
      const queue = queues.get(name) ?? []
      queues.set(name, queue)
      queue.push(holder)
      options.signal?.addEventListener('abort', () => {
        const at = queue.indexOf(holder)
        if (at === -1) return
        queue.splice(at, 1)
        reject(options.signal?.reason)
      })
    })
  }

  return {
    async request(name, options, hold) {
      options.signal?.throwIfAborted()
      const holder = await acquire(name, options)
      try {
        return await hold(holder.stolen.signal)
      } finally {
        release(name, holder)
      }
    },
    isHeld: async (name) => holders.has(name),
  }
}
