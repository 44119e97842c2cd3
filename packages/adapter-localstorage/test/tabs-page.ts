import { localStorageStore } from '../src/index.ts'

declare global {
  /** Opens, adds one to a counter, closes; the number it found, or the code of what went wrong. */
  var addOne: () => Promise<number | string>
  /** The same without a store, under a Web Lock, `times` times. */
  var addUnderLock: (times: number) => Promise<void>
}

const store = localStorageStore({ timeoutMs: 20_000 })

globalThis.addOne = async () => {
  try {
    await store.open('counter')
    const [found = '0'] = await store.getMany(['n'])
    await store.write(
      { put: [['n', String(Number(found) + 1)]] },
      { expect: { key: 'n', value: found === '0' ? null : String(found) } },
    )
    return Number(found)
  } catch (error) {
    return String((error as { code?: string }).code ?? error)
  } finally {
    await store.close()
  }
}

globalThis.addUnderLock = async (times) => {
  for (let turn = 0; turn < times; turn++) {
    await navigator.locks.request('plain', async () => {
      localStorage.setItem('plain', String(Number(localStorage.getItem('plain') ?? 0) + 1))
    })
  }
}
