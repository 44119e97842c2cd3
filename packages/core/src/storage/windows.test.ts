import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { Windows } from './windows.ts'

/** Windows of a database that changes every 100 ms, on a disk that takes so long for each write. */
function changing({ writeMs }: { writeMs: number }) {
  const machine = createVirtualMachine({ seed: 1 })
  const runtime = machine.tab()
  const written: { at: number; no: number }[] = []
  let no = 0
  const windows = new Windows({
    store: {
      async write({ put }: { put: readonly (readonly [key: string, text: string])[] }) {
        await new Promise<void>((resolve) => void runtime.setTimer(writeMs, resolve))
        written.push({ at: machine.time.elapsed(), no: JSON.parse(put.at(-1)?.[1] ?? '').no })
      },
    } as never,
    runtime,
    isKeeper: () => true,
    position: () => ({ no, seqs: {} }),
    onError: (error) => {
      throw error
    },
  })
  windows.keep('all', () => ({ documents: [], isComplete: true }))
  const changeFor = async (ms: number) => {
    for (let past = 0; past < ms; past += 100) {
      no++
      windows.changed()
      await machine.time.advance(100)
    }
  }
  return { windows, written, changeFor, rest: (ms: number) => machine.time.advance(ms) }
}

test('where changes do not end, windows are kept once a second, and what changed last is kept', async () => {
  const { written, changeFor, rest } = changing({ writeMs: 1 })
  await changeFor(5000)
  expect(written.length).toBeGreaterThanOrEqual(5)
  expect(written.length).toBeLessThanOrEqual(6)
  await rest(2000)
  expect(written.at(-1)?.no).toBe(50)
})

test('a slow disk is not asked again while it writes, and has fifty times as long to rest', async () => {
  const { written, changeFor, rest } = changing({ writeMs: 2000 })
  await changeFor(10_000)
  expect(written).toHaveLength(1)
  await rest(95_000)
  expect(written).toHaveLength(2)
  expect(written[1]?.no).toBe(100)
})
