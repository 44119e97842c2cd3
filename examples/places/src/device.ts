import type { LocalStore } from '@holdfast/core'
import type { Backend } from './backends/backend.ts'
import { type Line, openLine } from './line.ts'
import { openPlaces, type PlacesApp } from './places.ts'
import { connect, type RemoteAccess } from './remotes.ts'

/** The application on one device, with the line that connects it. */
export interface Device {
  readonly name: string
  readonly app: PlacesApp
  readonly line: Line
  /** What another process needs to stand in for this device. */
  readonly access: RemoteAccess
  /** Ends the application; the line stays. */
  leave(): Promise<void>
  /** Opens it again, on the same store. */
  enter(): Promise<void>
  close(): Promise<void>
}

export async function openDevice(
  name: string,
  { backend, local }: { backend: Backend; local: () => LocalStore },
): Promise<Device> {
  const line = await openLine(backend.end)
  const access = backend.access(line.url)
  const start = () => openPlaces({ local: local(), remote: connect(access) })
  let app: PlacesApp | null = await start()
  const leave = async () => {
    await app?.close()
    app = null
  }
  return {
    name,
    line,
    access,
    get app() {
      if (app === null) throw new Error(`The application of ${name} is not running.`)
      return app
    },
    leave,
    async enter() {
      app = await start()
    },
    async close() {
      await leave()
      await line.close()
    },
  }
}
