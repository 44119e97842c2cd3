import type { LocalStore, Runtime, WriteBatch, WriteOptions } from '@holdfast/core'

export interface TapEvents {
  /** Before the store decides. Throws if the batch breaks an invariant. */
  onWrite(batch: WriteBatch, options: WriteOptions | undefined): void
  /** The batch took effect. */
  onWritten(batch: WriteBatch, options: WriteOptions | undefined): void
  onRefused(error: unknown): void
  onDestroyed(): void
  /** A crash may come here: before or after an operation takes effect. */
  onPoint(what: string): void
}

/**
 * A store as one tab of a device sees it: each operation takes its time before and after it takes
 * effect, one after the other, so that a crash can come between; a tab that died reaches nothing.
 */
export function tapStore(
  inner: LocalStore,
  parts: { runtime: Runtime; isDead: () => boolean; delay: () => number; events: TapEvents },
): LocalStore & { readonly waiting: () => number } {
  const { runtime, isDead, delay, events } = parts
  const never = new Promise<never>(() => {})
  let tail: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const pause = (): Promise<void> | undefined => {
    const ms = delay()
    return ms === 0 ? undefined : new Promise((resolve) => runtime.setTimer(ms, resolve))
  }

  function inTurn<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (isDead()) return never
    waiting++
    const run = tail.then(async () => {
      try {
        await pause()
        if (!isDead()) events.onPoint(`before ${what}`)
        if (isDead()) return await never
        const result = await work()
        await pause()
        if (!isDead()) events.onPoint(`after ${what}`)
        return isDead() ? await never : result
      } finally {
        waiting--
      }
    })
    tail = run.catch(() => undefined)
    return run
  }

  return {
    specVersion: 1,
    capabilities: inner.capabilities,
    waiting: () => waiting,
    open: (name, told) => inTurn('open', () => inner.open(name, told)),
    getMany: (keys) => inTurn('read', () => inner.getMany(keys)),
    scan: (range) => inTurn('scan', () => inner.scan(range)),
    write: (batch, options) =>
      inTurn('write', async () => {
        events.onWrite(batch, options)
        try {
          await inner.write(batch, options)
        } catch (error) {
          events.onRefused(error)
          throw error
        }
        events.onWritten(batch, options)
      }),
    close: () => inTurn('close', () => inner.close()),
    destroy: (name) =>
      inTurn('destroy', async () => {
        await inner.destroy(name)
        events.onDestroyed()
      }),
  }
}
