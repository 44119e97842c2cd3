import type { Db } from './device.ts'

/** Resolves when `holds` does, which may change whenever the status does; rejects with the status after `ms`. */
export function settled(db: Db, ms: number, holds: () => boolean): Promise<void> {
  const { status } = db.sync
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`not settled within ${ms} ms: ${JSON.stringify(status.getSnapshot())}`))
    }, ms)
    const look = () => {
      if (!holds()) return
      stop()
      resolve()
    }
    const unsubscribe = status.subscribe(look)
    const stop = () => {
      clearTimeout(timer)
      unsubscribe()
    }
    look()
  })
}
