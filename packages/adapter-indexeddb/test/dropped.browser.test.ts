import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { freshName, openStore, STORES, settled } from './stores.ts'

describe.each(STORES)('$title, when the browser dropped its database before it opens', ({ make }) => {
  test('says so at this start and at later ones, in each tab, until the database is destroyed', async () => {
    const { store, name, drops, database } = await openStore(make)
    await store.close()
    await settled(indexedDB.deleteDatabase(database))
    const before = Date.now()
    const heard = async () => {
      const opened = await openStore(make, { name })
      await opened.store.getMany([])
      await vi.waitFor(() => expect(opened.drops).toHaveLength(1))
      return opened.drops[0]
    }
    const at = await heard()
    expect(at).toBeGreaterThanOrEqual(before)
    expect(await heard()).toBe(at)
    expect(drops).toEqual([])
  })

  test('says nothing of a database that is new, nor of one that was destroyed', async () => {
    const name = freshName()
    const store = make()
    const onDropped = vi.fn()
    onTestFinished(() => store.destroy(name))
    for (let round = 0; round < 2; round++) {
      await store.open(name, { onDropped })
      await store.write({ put: [['k', 'v']] })
      await store.close()
      await store.destroy(name)
    }
    expect(onDropped).not.toHaveBeenCalled()
  })

  test('opens where localStorage is refused', async () => {
    const refused = vi.spyOn(globalThis, 'localStorage', 'get').mockImplementation(() => {
      throw new DOMException('Access is denied for this document.', 'SecurityError')
    })
    onTestFinished(() => refused.mockRestore())
    const { store, drops } = await openStore(make)
    await store.write({ put: [['k', 'v']] })
    expect(await store.getMany(['k'])).toEqual(['v'])
    expect(drops).toEqual([])
  })
})
