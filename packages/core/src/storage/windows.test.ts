import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import type { Mutation } from '../model/mutation.ts'
import { WINDOWS_KEY, windowKey } from './keys.ts'
import { Windows } from './windows.ts'

/** Windows of a database whose log, or pages, change every 100 ms, on a disk that takes so long for each write. */
function changing({ writeMs, what }: { writeMs: number; what: 'log' | 'pages' }) {
  const machine = createVirtualMachine({ seed: 1 })
  const runtime = machine.tab()
  const written: { at: number; change: number }[] = []
  let change = 0
  const position = () =>
    what === 'log' ? { no: 1, seqs: { writer: change }, hlc: '' } : { no: 1 + change, seqs: {}, hlc: '' }
  const windows = new Windows({
    store: {
      async write({ put }: { put: readonly (readonly [key: string, text: string])[] }) {
        await new Promise<void>((resolve) => void runtime.setTimer(writeMs, resolve))
        const { no, seqs } = JSON.parse(put.at(-1)?.[1] ?? '')
        written.push({ at: machine.time.elapsed(), change: what === 'log' ? seqs.writer : no - 1 })
      },
    } as never,
    runtime,
    isKeeper: () => true,
    position,
    nextNo: () => position().no,
    onError: (error) => {
      throw error
    },
  })
  windows.keep('all', () => ({ documents: [], isComplete: true }))
  const changeFor = async (ms: number) => {
    for (let past = 0; past < ms; past += 100) {
      change++
      windows.changed()
      await machine.time.advance(100)
    }
  }
  return { windows, written, changeFor, rest: (ms: number) => machine.time.advance(ms) }
}

test('where writes to the log do not end, windows are kept once a second, and what changed last is kept', async () => {
  const { written, changeFor, rest } = changing({ writeMs: 1, what: 'log' })
  await changeFor(5000)
  expect(written.length).toBeGreaterThanOrEqual(5)
  expect(written.length).toBeLessThanOrEqual(6)
  await rest(2000)
  expect(written.at(-1)?.change).toBe(50)
})

test('where pages went on, what was kept is of no use, and is kept anew without that rest', async () => {
  const { written, changeFor } = changing({ writeMs: 1, what: 'pages' })
  await changeFor(5000)
  expect(written.length).toBeGreaterThanOrEqual(45)
})

test('a slow disk is not asked again while it writes, and has twenty times as long to rest', async () => {
  const { written, changeFor, rest } = changing({ writeMs: 2000, what: 'pages' })
  await changeFor(10_000)
  expect(written).toHaveLength(1)
  await rest(29_000)
  expect(written).toHaveLength(1)
  await rest(6000)
  expect(written).toHaveLength(2)
  expect(written[1]?.change).toBe(100)
})

test.each([
  ['after they were kept', '3', ['m']],
  ['before, and told too late to be known', '1', null],
])('windows are of use with what was written %s', async (_when, hlc, since) => {
  const kept = { no: 1, seqs: {}, hlc: '2' }
  const records = [
    [WINDOWS_KEY, JSON.stringify(kept)],
    [windowKey('all'), JSON.stringify({ documents: [], isComplete: true })],
  ]
  const windows = new Windows({ store: { scan: async () => records } as never } as never)
  const mutation = {
    id: 'm',
    hlc,
    collection: 'notes',
    documentId: 'a',
    base: null,
    change: { kind: 'delete' },
  }
  const logs = [{ writer: 'other', seq: 1, mutations: [mutation as Mutation] }]
  await windows.load({
    manifest: { nextNo: 1, folded: {} } as never,
    manifestText: '',
    ledger: [],
    logs,
  })
  expect(windows.kept('all')?.since.map(({ id }) => id) ?? null).toEqual(since)
})
