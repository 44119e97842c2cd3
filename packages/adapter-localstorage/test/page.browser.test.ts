import { afterEach, expect, test, vi } from 'vitest'
import { localStorageStore } from '../src/index.ts'
import { codeOf, everything } from './stores.ts'

afterEach(() => localStorage.clear())

async function openHere() {
  const store = localStorageStore()
  const onLost = vi.fn()
  await store.open('app', { onLost })
  return { store, onLost }
}

test('a batch over the quota of the browser fails as store_full and leaves nothing behind', async () => {
  const { store } = await openHere()
  const value = 'x'.repeat(1_000_000)
  await store.write({
    put: [
      ['kept', value],
      ['also', 'v'],
    ],
  })
  const put = Array.from({ length: 6 }, (_, at): [string, string] => [`k${at}`, value])
  expect(await codeOf(store.write({ put, delete: ['also'] }))).toBe('store_full')
  expect((await everything(store)).map(([key]) => key)).toEqual(['also', 'kept'])
  await store.write({ put: [['k0', value]], delete: ['also'] })
  expect((await everything(store)).map(([key]) => key)).toEqual(['k0', 'kept'])
  await store.close()
})

test('clearing in this tab is a loss, and nothing is written after it', async () => {
  const { store, onLost } = await openHere()
  await store.write({ put: [['k', 'v']] })
  localStorage.clear()
  expect(await codeOf(store.write({ put: [['k', 'w']] }))).toBe('store_lost')
  expect(onLost).toHaveBeenCalledOnce()
  expect(Object.keys(localStorage).filter((key) => key.includes('app'))).toEqual([])
  await store.close()
})

test('clearing by another document is reported without a call', async () => {
  const { store, onLost } = await openHere()
  await store.write({ put: [['k', 'v']] })
  const frame = document.createElement('iframe')
  frame.src = 'about:blank'
  document.body.append(frame)
  frame.contentWindow?.localStorage.clear()
  await vi.waitFor(() => expect(onLost).toHaveBeenCalledOnce())
  expect(await codeOf(store.getMany(['k']))).toBe('store_lost')
  frame.remove()
  await store.close()
})

test('a database that another tab holds is locked, and opens when that tab lets go', async () => {
  const { store } = await openHere()
  await store.close()
  let leave: (() => void) | undefined
  const held = new Promise<void>((holding) => {
    void navigator.locks.request('holdfast:app/', () => {
      holding()
      return new Promise<void>((resolve) => {
        leave = resolve
      })
    })
  })
  await held
  const hasty = localStorageStore({ timeoutMs: 50 })
  expect(await codeOf(hasty.open('app'))).toBe('store_locked')
  expect(await codeOf(hasty.destroy('app'))).toBe('store_locked')
  const patient = localStorageStore({ timeoutMs: 20_000 })
  const opening = patient.open('app')
  leave?.()
  await opening
  await patient.close()
})

test('without Web Locks it does not open', async () => {
  const { store } = await openHere()
  await store.close()
  const locks = vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager)
  const outcome = await codeOf(store.open('app'))
  locks.mockRestore()
  expect(outcome).toBe('store_unavailable')
})

test('a database of the longest name opens where the name of a lock may be short, as in WebKit', async () => {
  const request = navigator.locks.request
  const short = vi.spyOn(navigator.locks, 'request').mockImplementation((...args: unknown[]) => {
    if (String(args[0]).length > 1024)
      return Promise.reject(new DOMException('Lock name is too long.', 'NotSupportedError'))
    return Reflect.apply(request, navigator.locks, args)
  })
  const [one, other] = ['a', 'b'].map((last) => '\u6f22'.repeat(254) + last) as [string, string]
  const store = localStorageStore()
  await store.open(one)
  const second = localStorageStore({ timeoutMs: 50 })
  await second.open(other)
  const { held = [] } = await navigator.locks.query()
  await Promise.all([store.close(), second.close()])
  short.mockRestore()
  expect(new Set(held.map(({ name }) => name)).size).toBe(2)
})
