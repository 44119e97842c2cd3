import { check, write } from '@holdfast/dev-kill/workload'
import { localStorageStore } from '../src/index.ts'

const WRITERS = ['a', 'b']

/** Leaves the thread after each batch, so that reports go out and the browser can commit. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve))

globalThis.killTarget = {
  async run(report) {
    const store = localStorageStore()
    await store.open('kill')
    const reported = (writer: string, batch: number) => {
      report(writer, batch)
      return turn()
    }
    await write(store, { writers: WRITERS, batches: 100_000, report: reported })
  },
  async check(acknowledged) {
    const store = localStorageStore()
    await store.open('kill')
    const verdict = await check(store, WRITERS, acknowledged)
    await store.close()
    return verdict
  },
}
