import { join } from 'node:path'
import { localStorageStore } from '@holdfast/adapter-localstorage'
import { sqlite } from '@holdfast/adapter-sqlite'
import type { LocalStore } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { assertAgree } from '../compare.ts'
import { openDevice } from '../device.ts'
import { memoryStorage } from '../memory-storage.ts'
import { agreement, type Scene } from '../scene.ts'
import type { Step } from './step.ts'

/** The stores that Node can run; the two on IndexedDB need a browser. */
export const LOCAL_STORES: Readonly<Record<string, (folder: string) => LocalStore>> = {
  memory: () => memoryStore(),
  sqlite: (folder) => sqlite({ directory: folder }),
  localStorage: () => localStorageStore({ storage: memoryStorage() }),
}

/** The same application on each local store, against the same server. */
export const localStores: Step = {
  title: 'The same application on each local store that Node can run',
  async run(scene, progress) {
    const names = Object.keys(LOCAL_STORES)
    for (const [i, name] of names.entries()) {
      await tryStore(scene, name)
      progress(i + 1, names.length, 'stores')
    }
    for (const { app } of [scene.a, scene.b]) await app.sync()
    return `${names.join(', ')}, digest ${await agreement(scene)}`
  },
}

async function tryStore({ backend, directoryB, places, own }: Scene, store: string): Promise<void> {
  const make = LOCAL_STORES[store]
  if (make === undefined) throw new Error(`There is no local store "${store}".`)
  const folder = join(directoryB, '..', `${backend.name}-on-${store}`)
  const device = await openDevice(store, { backend, local: () => make(folder) })
  own(() => device.close())
  await device.app.sync()
  const target = places.at(-2)
  if (target !== undefined) await device.app.edit(target.id, { note: `edited on ${store}` })
  await device.app.sync()
  assertAgree({ [`device on ${store}`]: await device.app.all(), server: await backend.read() })
  await device.close()
}
