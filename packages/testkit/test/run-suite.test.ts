import { type ConformanceCase, runCases, runSuite } from '@holdfast/testkit'
import { expect, test } from 'vitest'

const good: ConformanceCase = { id: 'good', title: 'holds', requires: [], run: async () => {} }
const bad: ConformanceCase = {
  id: 'bad',
  title: 'does not hold',
  requires: [],
  run: async () => Promise.reject(new Error('no')),
}

function register(cases: readonly ConformanceCase[], knownGaps: Readonly<Record<string, string>> = {}) {
  const tests = new Map<string, () => Promise<void>>()
  runSuite(cases, { runner: { test: (title, run) => tests.set(title, run) }, knownGaps })
  return tests
}

test('each case is one test, by id and title', () => {
  expect([...register([good, bad]).keys()]).toEqual(['good: holds', 'bad: does not hold'])
})

test('a suite without a case, with one id twice, or with a gap that names no case, throws', () => {
  expect(() => register([])).toThrow('No conformance case')
  expect(() => register([good, good])).toThrow('share the id')
  expect(() => register([good], { other: 'why' })).toThrow('names no case')
  expect(() => register([good], { toString: 'why' })).toThrow('names no case')
})

test('a known gap passes while its case fails, and is stale when the case passes', async () => {
  const [gap] = register([bad], { bad: 'not yet' }).values()
  await expect(gap?.()).resolves.toBeUndefined()
  const [stale] = register([good], { good: 'not yet' }).values()
  await expect(stale?.()).rejects.toThrow('stale')
})

test('without a runner, cases are told apart by their outcome', async () => {
  const { passed, failed } = await runCases([good, bad])
  expect([passed, [...failed.keys()]]).toEqual([['good'], ['bad']])
})
