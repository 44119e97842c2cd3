import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { Breaker } from './breaker.ts'
import { DEFAULT_POLICY } from './policy.ts'
import { Scheduler } from './scheduler.ts'

function setUp(options: { fail?: () => Error | null; refresh?: () => Promise<boolean> } = {}) {
  const machine = createVirtualMachine({ seed: 7 })
  const runtime = machine.tab()
  const log: string[] = []
  let pullTakes = 0
  const run = (lane: string) => async () => {
    log.push(`${Math.round(machine.time.elapsed())} ${lane}`)
    if (lane === 'pull' && pullTakes > 0)
      await new Promise<void>((resolve) => void runtime.setTimer(pullTakes, resolve))
    const error = options.fail?.() ?? null
    if (error !== null) throw error
  }
  const policy = DEFAULT_POLICY
  const breaker = new Breaker(policy, runtime)
  const scheduler = new Scheduler({
    runtime,
    policy,
    breaker,
    lanes: {
      push: run('push'),
      pull: run('pull'),
      hasPushable: () => false,
      refreshAuth: options.refresh ?? (async () => false),
    },
    events: { onRound: () => {}, onRoundEnded: () => {}, onNext: () => {}, onOffline: () => {} },
  })
  const slowPull = (ms: number) => {
    pullTakes = ms
  }
  const advance = (ms: number) => machine.time.advance(ms)
  return { machine, runtime, log, scheduler, breaker, advance, slowPull }
}

const network = () => new HoldfastError('network', 'no network', { retryable: true })

test('starts at once, then pulls at the interval of its state', async () => {
  const { log, scheduler, advance, runtime } = setUp()
  scheduler.start()
  await advance(0)
  expect(log).toEqual(['0 pull', '0 push'])
  await advance(30_000)
  expect(log.slice(2)).toEqual(['30000 pull', '30000 push'])
  runtime.visibility.set(false)
  await advance(299_999)
  expect(log).toHaveLength(4)
  await advance(1)
  expect(log).toHaveLength(6)
  scheduler.stop()
})

test('writes are gathered, and pushed without a pull', async () => {
  const { log, scheduler, advance } = setUp()
  scheduler.start()
  await advance(100)
  for (let i = 0; i < 10; i++) scheduler.request('write')
  await advance(1000)
  expect(log.slice(2)).toEqual([`${100 + DEFAULT_POLICY.debounce} push`])
  scheduler.stop()
})

test('pulls at its interval also while writes come more often than that', async () => {
  const { log, scheduler, advance } = setUp()
  scheduler.start()
  await advance(0)
  for (let second = 0; second < 120; second++) {
    scheduler.request('write')
    await advance(1000)
  }
  const pulls = log.filter((line) => line.endsWith('pull'))
  expect(pulls.length).toBeGreaterThanOrEqual(4)
  expect(pulls.length).toBeLessThanOrEqual(5)
  scheduler.stop()
})

test('a write is pushed soon, also when the application is hidden right after it', async () => {
  const { log, scheduler, advance, runtime } = setUp()
  scheduler.start()
  await advance(100)
  scheduler.request('write')
  runtime.visibility.set(false)
  await advance(1000)
  expect(log.slice(2)).toEqual([`${100 + DEFAULT_POLICY.debounce} push`])
  scheduler.stop()
})

test('a write during a round is not forgotten', async () => {
  const { log, scheduler, advance } = setUp()
  scheduler.start()
  scheduler.request('write')
  await advance(0)
  scheduler.request('write')
  await advance(1000)
  expect(log.at(-1)).toBe(`${DEFAULT_POLICY.debounce} push`)
  scheduler.stop()
})

test('a write during a slow pull is pushed without waiting for its end', async () => {
  const { log, scheduler, advance, slowPull } = setUp()
  slowPull(20_000)
  scheduler.start()
  await advance(1000)
  scheduler.request('write')
  await advance(5000)
  scheduler.request('write')
  await advance(30_000)
  const { debounce } = DEFAULT_POLICY
  expect(log.slice(0, 4)).toEqual(['0 pull', '0 push', `${1000 + debounce} push`, `${6000 + debounce} push`])
  expect(log.slice(4)).toEqual([])
  scheduler.stop()
})

test('a write during a slow pull is pushed at once also after a poke, whose round comes next', async () => {
  const { log, scheduler, advance, slowPull } = setUp()
  slowPull(20_000)
  scheduler.start()
  await advance(1000)
  scheduler.request('poke')
  await advance(1000)
  scheduler.request('write')
  await advance(20_000)
  const { debounce } = DEFAULT_POLICY
  expect(log).toEqual(['0 pull', '0 push', `${2000 + debounce} push`, '20000 pull', '20000 push'])
  scheduler.stop()
})

test('failures back off within their bounds, and a success ends it', async () => {
  let isDown = true
  const { log, scheduler, advance } = setUp({ fail: () => (isDown ? network() : null) })
  scheduler.start()
  await advance(3_600_000)
  const times = log.filter((line) => line.endsWith('pull')).map((line) => Number(line.split(' ')[0]))
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
  for (const [i, gap] of gaps.entries()) {
    expect(gap).toBeLessThanOrEqual(
      Math.min(DEFAULT_POLICY.backoffCeiling, DEFAULT_POLICY.backoffBase * 2 ** (i + 1)) + 1,
    )
  }
  expect(gaps.length).toBeGreaterThan(10)
  isDown = false
  await advance(DEFAULT_POLICY.backoffCeiling)
  const before = log.length
  scheduler.request('write')
  await advance(DEFAULT_POLICY.debounce)
  expect(log).toHaveLength(before + 1)
  scheduler.stop()
})

test('while the breaker is open only a pull probes', async () => {
  const { log, scheduler, advance, breaker } = setUp({ fail: network })
  scheduler.start()
  while (!breaker.isOpen) await advance(1000)
  const before = log.length
  await advance(DEFAULT_POLICY.backoffCeiling * 2)
  expect(log.slice(before).length).toBeGreaterThan(0)
  expect(log.slice(before).every((line) => line.endsWith('pull'))).toBe(true)
  scheduler.stop()
})

test('a wait that the remote asked for is honoured', async () => {
  const { log, scheduler, advance } = setUp({
    fail: () => new HoldfastError('throttled', 'slow down', { details: { retryAfter: 90_000 } }),
  })
  scheduler.start()
  await advance(89_999)
  expect(log).toHaveLength(2)
  await advance(1)
  expect(log.length).toBeGreaterThan(2)
  scheduler.stop()
})

test('refused credentials are refreshed once, then sync pauses until someone acts', async () => {
  let refreshes = 0
  const { log, scheduler, advance, breaker } = setUp({
    fail: () => new HoldfastError('auth', 'expired'),
    refresh: async () => {
      refreshes++
      return true
    },
  })
  scheduler.start()
  await advance(3_600_000)
  expect(refreshes).toBe(1)
  expect(log).toHaveLength(4)
  expect(scheduler.pausedBy?.code).toBe('auth')
  expect(breaker.failures).toBe(0)
  await expect(scheduler.now()).rejects.toMatchObject({ code: 'auth' })
  expect(refreshes).toBe(2)
  scheduler.stop()
})

test('offline is a state: nothing is tried, and the reconnect syncs at once', async () => {
  const { log, scheduler, advance, runtime } = setUp()
  runtime.connectivity.set(false)
  scheduler.start()
  await advance(3_600_000)
  expect(log).toEqual([])
  runtime.connectivity.set(true)
  await advance(0)
  expect(log).toEqual(['3600000 pull', '3600000 push'])
  scheduler.stop()
})

test('a failure that nobody named is typed, told, and tried again', async () => {
  let isBroken = true
  const broken = new TypeError('x is not a function')
  const { log, scheduler, advance } = setUp({ fail: () => (isBroken ? broken : null) })
  await expect(scheduler.now()).rejects.toMatchObject({ code: 'store_failed', cause: broken })
  scheduler.start()
  isBroken = false
  await advance(DEFAULT_POLICY.backoffCeiling)
  expect(log.length).toBeGreaterThan(2)
  scheduler.stop()
})
