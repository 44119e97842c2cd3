import type { LocalStore } from '@holdfast/core'
import type { LocalHarness } from '@holdfast/testkit'
import { settled } from './stores.ts'

const databaseOf = (name: string) => `holdfast:${name}`

/** A harness on the IndexedDB that is there. */
export function harnessOf(make: () => LocalStore): LocalHarness {
  return {
    capabilities: make().capabilities,
    async open(name, events) {
      const store = make()
      await store.open(name, events)
      return store
    },
    destroy: (name) => make().destroy(name),
    faults: {
      /** What a newer version of the package leaves. */
      async damage(name) {
        const database = await settled(indexedDB.open(databaseOf(name), 100_000))
        database.close()
      },
      async lose(name) {
        await settled(indexedDB.deleteDatabase(databaseOf(name)))
      },
      /** As Firefox does in a window whose storage is switched off. */
      async refuseOpen() {
        const { open } = IDBFactory.prototype
        IDBFactory.prototype.open = () => {
          throw new DOMException('The operation is insecure.', 'SecurityError')
        }
        return async () => {
          IDBFactory.prototype.open = open
        }
      },
    },
  }
}
