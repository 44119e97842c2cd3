import type { Device } from './device.ts'

/** Resolves when `holds` does, which may change whenever the status does; rejects with the status after `ms`. */
export function settled({ db, parts }: Device, ms: number, holds: () => boolean): Promise<void> {
  if (db === null) return Promise.reject(new Error(`client ${parts.client} is not open`))
  const { status } = db.sync
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      unsubscribe()
    }
    const timer = setTimeout(() => {
      stop()
      const said = [status.getSnapshot(), db.sync.metrics()].map((part) => JSON.stringify(part)).join('\n  ')
      reject(new Error(`client ${parts.client} not settled within ${ms} ms:\n  ${said}`))
    }, ms)
    const unsubscribe = status.subscribe(() => look())
    const look = () => {
      if (!holds()) return
      stop()
      resolve()
    }
    look()
  })
}
