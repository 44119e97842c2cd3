import { join } from 'node:path'
import { sqlite } from '@holdfast/adapter-sqlite'
import type { Backend } from './backends/backend.ts'
import { assertAgree } from './compare.ts'
import { type Device, openDevice } from './device.ts'
import type { Place } from './places.ts'

/** Two devices, one server, and the places they work on. */
export interface Scene {
  readonly backend: Backend
  readonly a: Device
  readonly b: Device
  /** Device B's database, for the process that stands in for it. */
  readonly directoryB: string
  /** What device A enters at first. */
  readonly places: readonly Place[]
  /** More places, which are not entered at first; each is taken once. */
  takeSpare(count: number): Place[]
  /** Anything that must be ended with the scene. */
  own(close: () => Promise<void>): void
  close(): Promise<void>
}

export async function openScene(
  backend: Backend,
  { folder, places, spare }: { folder: string; places: readonly Place[]; spare: readonly Place[] },
): Promise<Scene> {
  const directory = (device: string) => join(folder, `${backend.name}-device-${device}`)
  const closers: (() => Promise<void>)[] = []
  const open = async (device: 'a' | 'b') => {
    const local = () => sqlite({ directory: directory(device) })
    const opened = await openDevice(`device ${device.toUpperCase()}`, { backend, local })
    closers.push(() => opened.close())
    return opened
  }
  const [a, b] = [await open('a'), await open('b')]
  const left = [...spare]
  return {
    backend,
    a,
    b,
    directoryB: directory('b'),
    places,
    takeSpare: (count) => left.splice(0, count),
    own: (close) => void closers.push(close),
    async close() {
      for (const close of closers.splice(0).reverse()) await close()
    },
  }
}

/** The digest that A, B and the server agree on; throws with the differences. */
export async function agreement({ a, b, backend }: Scene): Promise<string> {
  return assertAgree({
    [a.name]: await a.app.all(),
    [b.name]: await b.app.all(),
    server: await backend.read(),
  })
}
