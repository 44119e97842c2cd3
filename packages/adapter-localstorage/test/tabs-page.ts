import { localStorageStore } from '../src/index.ts'

declare global {
  /** Opens, adds one to a counter, closes; the number it found, or the code of what went wrong. */
  var addOne: () => Promise<number | string>
  /** Like addOne, but leaves the database open. */
  var addOneAndStay: () => Promise<number | string>
  /** The same without a store, under a Web Lock, `times` times. */
  var addUnderLock: (times: number) => Promise<void>
}

const store = localStorageStore({ timeoutMs: 20_000 })

globalThis.addOneAndStay = async () => {
  try {
    await store.open('counter')
    const [found] = await store.getMany(['n'])
    const expected = { key: 'n', value: found === undefined ? null : String(found) }
    await store.write({ put: [['n', String(Number(found ?? 0) + 1)]] }, { expect: expected })
    return Number(found ?? 0)
  } catch (error) {
    return String((error as { code?: string }).code ?? error)
  }
}

globalThis.addOne = async () => {
  const found = await globalThis.addOneAndStay()
  await store.close()
  return found
}

globalThis.addUnderLock = async (times) => {
  for (let turn = 0; turn < times; turn++) {
    await navigator.locks.request('plain', async () => {
      localStorage.setItem('plain', String(Number(localStorage.getItem('plain') ?? 0) + 1))
    })
  }
}
