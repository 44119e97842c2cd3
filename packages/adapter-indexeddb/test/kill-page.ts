import { check, write } from '@holdfast/dev-kill/workload'
import { indexedDb } from '../src/index.ts'

const WRITERS = ['a', 'b', 'c', 'd']

globalThis.killTarget = {
  async run(report) {
    const store = indexedDb()
    await store.open('kill')
    await write(store, { writers: WRITERS, batches: 100_000, report })
  },
  async check(acknowledged) {
    const store = indexedDb()
    await store.open('kill')
    const verdict = await check(store, WRITERS, acknowledged)
    await store.close()
    return verdict
  },
}
