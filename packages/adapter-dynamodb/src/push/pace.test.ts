import { expect, test } from 'vitest'
import type { DynamoDbRuntime } from '../runtime.ts'
import { Pace } from './pace.ts'

/** A clock that stands; `waits` is what was asked of it. */
function still(unit: number) {
  const waits: number[] = []
  const runtime: DynamoDbRuntime = {
    now: () => 0,
    monotonic: () => 0,
    setTimer(ms, run) {
      waits.push(ms)
      run()
      return () => {}
    },
    randomUnit: () => unit,
    randomHex: () => '0',
  }
  return { runtime, waits }
}

const { signal } = new AbortController()
const laterBy = (now: number, ms: number) => () => now + ms

test('the wait doubles with each conflict, up to sixteen transaction times, and batches halve from the second on', async () => {
  const { runtime, waits } = still(0.5)
  const pace = new Pace(runtime)
  const sizes: number[] = []
  for (let i = 0; i < 7; i++) {
    pace.lost()
    await pace.ready(signal)
    sizes.push(pace.documents)
  }
  expect(waits).toEqual([10, 20, 40, 80, 160, 160, 160])
  expect(sizes).toEqual([98, 49, 24, 12, 6, 3, 1])
})

test('the wait is measured in transaction times', async () => {
  const { runtime, waits } = still(1)
  const pace = new Pace(runtime)
  for (let i = 0; i < 60; i++) pace.won(100)
  expect(pace.transactionMs).toBeCloseTo(100, 0)
  pace.lost()
  await pace.ready(signal)
  expect(waits.at(-1)).toBeCloseTo(100, 0)
})

test('a winner lets others go first after a conflict, and now and then without one', async () => {
  const { runtime, waits } = still(0)
  const pace = new Pace(runtime)
  for (let i = 0; i < 16; i++) {
    await pace.ready(signal)
    pace.won(20)
  }
  expect(waits).toEqual([])
  await pace.ready(signal)
  expect(waits).toEqual([20])
  pace.lost()
  pace.won(20)
  await pace.ready(signal)
  expect(waits).toEqual([20, 20])
})

test('who meets nobody lets others go first ever more seldom, and often for a while once somebody was met', async () => {
  const { runtime, waits } = still(0)
  const pace = new Pace(runtime)
  /** How many transactions go before the next wait. */
  const winsBeforeWait = async () => {
    waits.length = 0
    for (let wins = 0; ; wins++) {
      await pace.ready(signal)
      if (waits.length > 0) return wins
      pace.won(20)
    }
  }
  const seen = []
  for (let i = 0; i < 15; i++) {
    if (i === 4) pace.stale()
    seen.push(await winsBeforeWait())
    // Each wait is over before the next begins.
    runtime.monotonic = laterBy(runtime.monotonic(), 1_000)
  }
  expect(seen).toEqual([16, 32, 32, 32, ...Array(9).fill(8), 16, 32])
})

test('a stale head costs nothing the first time', async () => {
  const { runtime, waits } = still(0.5)
  const pace = new Pace(runtime)
  pace.stale()
  await pace.ready(signal)
  expect(waits).toEqual([])
  pace.stale()
  await pace.ready(signal)
  expect(waits).toEqual([10])
})

test('batches grow again with each success', () => {
  const pace = new Pace(still(0).runtime)
  for (let i = 0; i < 4; i++) pace.lost()
  expect(pace.documents).toBe(12)
  pace.won(20)
  expect(pace.documents).toBe(22)
})
