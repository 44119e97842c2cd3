import { createVirtualMachine, createVirtualRuntime, createVirtualTime } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'

describe('time', () => {
  test('timers run in the order of time, then of the calls, and idle work after all of that time', async () => {
    const runtime = createVirtualRuntime({ seed: 1 })
    const log: string[] = []
    runtime.whenIdle(() => log.push('idle'))
    runtime.setTimer(10, () => log.push('b'))
    runtime.setTimer(0, () => log.push('a'))
    runtime.setTimer(10, () => log.push('c'))
    const cancel = runtime.setTimer(5, () => log.push('cancelled'))
    cancel()
    await runtime.runUntilIdle()
    expect(log).toEqual(['a', 'idle', 'b', 'c'])
    expect(runtime.monotonic()).toBe(10)
  })

  test('promise reactions settle between two timers of one instant', async () => {
    const runtime = createVirtualRuntime({ seed: 1 })
    const log: string[] = []
    runtime.setTimer(0, async () => {
      for (let i = 0; i < 50; i++) await undefined
      log.push('reaction')
    })
    runtime.setTimer(0, () => log.push('timer'))
    await runtime.runUntilIdle()
    expect(log).toEqual(['reaction', 'timer'])
  })

  test('advance leaves the clock exactly there, also without events', async () => {
    const runtime = createVirtualRuntime({ seed: 1, start: 1_000 })
    const seen: number[] = []
    runtime.setTimer(40, () => seen.push(runtime.now()))
    await runtime.advance(39)
    expect([runtime.now(), seen]).toEqual([1_039, []])
    await runtime.advance(11)
    expect([runtime.now(), seen]).toEqual([1_050, [1_040]])
  })

  test('advanceUntil stops at the event that made it true, and says so when nothing is left', async () => {
    const runtime = createVirtualRuntime({ seed: 1 })
    let ticks = 0
    const tick = () => {
      ticks += 1
      runtime.setTimer(100, tick)
    }
    runtime.setTimer(100, tick)
    await runtime.advanceUntil(() => ticks === 3)
    expect(runtime.monotonic()).toBe(300)
    await expect(runtime.advanceUntil(() => false, { within: 1_000 })).rejects.toThrow('not reached')
    await expect(runtime.runUntilIdle({ within: 1_000 })).rejects.toThrow('not idle')
  })

  test('a wall clock jump moves neither timers nor the monotonic clock', async () => {
    const machine = createVirtualMachine({ seed: 1, start: 5_000 })
    const tab = machine.tab()
    let ran = 0
    tab.setTimer(10, () => {
      ran = tab.now()
    })
    machine.jumpWallClock(-4_000)
    expect([tab.now(), tab.monotonic()]).toEqual([1_000, 0])
    await tab.advance(10)
    expect(ran).toBe(1_010)
  })

  test('two machines on one time run in one history, each with its own wall clock', async () => {
    const time = createVirtualTime()
    const one = createVirtualMachine({ seed: 1, time, start: 0 }).tab()
    const two = createVirtualMachine({ seed: 2, time, start: 1_000_000 }).tab()
    const log: number[] = []
    two.setTimer(5, () => log.push(two.now()))
    one.setTimer(4, () => log.push(one.now()))
    await time.advance(5)
    expect(log).toEqual([4, 1_000_005])
  })
})

test('one seed gives one sequence, tabs have their own, and calls of one tab do not shift another', () => {
  const draw = (seed: number, warm: number) => {
    const machine = createVirtualMachine({ seed })
    const first = machine.tab()
    for (let i = 0; i < warm; i++) first.randomUnit()
    const second = machine.tab()
    return [first.randomHex(16), second.randomHex(16), second.randomUnit()]
  }
  expect(draw(7, 0)).toEqual(draw(7, 9))
  expect(draw(7, 0)).not.toEqual(draw(8, 0))
  expect(draw(7, 0)[0]).not.toBe(draw(7, 0)[1])
  expect(draw(7, 0)[0]).toMatch(/^[0-9a-f]{16}$/)
})

test('signals tell listeners of changes only', () => {
  const runtime = createVirtualRuntime({ seed: 1 })
  const seen: boolean[] = []
  const stop = runtime.connectivity.subscribe(() => seen.push(runtime.connectivity.get()))
  runtime.connectivity.set(true)
  runtime.connectivity.set(false)
  stop()
  runtime.connectivity.set(true)
  expect(seen).toEqual([false])
})

describe('locks', () => {
  const never = () => new Promise<never>(() => {})

  test('are exclusive over the tabs of a machine, first come, first served', async () => {
    const machine = createVirtualMachine({ seed: 1 })
    const tabs = [machine.tab(), machine.tab(), machine.tab()]
    const log: string[] = []
    const done = tabs.map((tab, i) =>
      tab.locks.request('l', {}, async () => {
        log.push(`in ${i}`)
        await new Promise<void>((resolve) => tab.setTimer(10, resolve))
        log.push(`out ${i}`)
        return i
      }),
    )
    await machine.time.runUntilIdle()
    expect(await Promise.all(done)).toEqual([0, 1, 2])
    expect(log).toEqual(['in 0', 'out 0', 'in 1', 'out 1', 'in 2', 'out 2'])
    expect(await tabs[0]?.locks.isHeld('l')).toBe(false)
  })

  test('a holder that throws releases, and its error reaches its caller', async () => {
    const runtime = createVirtualRuntime({ seed: 1 })
    const failed = runtime.locks.request('l', {}, async () => Promise.reject(new Error('boom')))
    const after = runtime.locks.request('l', {}, async () => 'next')
    const outcome = expect(failed).rejects.toThrow('boom')
    await runtime.runUntilIdle()
    await outcome
    expect(await after).toBe('next')
  })

  test('a waiter whose signal fires gets an AbortError and does not block those behind it', async () => {
    const machine = createVirtualMachine({ seed: 1 })
    const [one, two, three] = [machine.tab(), machine.tab(), machine.tab()]
    const stop = new AbortController()
    void one.locks.request('l', {}, never)
    const waiting = two.locks.request('l', { signal: stop.signal }, never)
    const refused = expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    let reached = false
    void three.locks.request('l', {}, async () => {
      reached = true
    })
    await machine.time.advance(1)
    stop.abort()
    await refused
    machine.kill(one)
    await machine.time.advance(1)
    expect(reached).toBe(true)
  })

  test('a steal aborts and rejects the holder, whose late release frees nothing', async () => {
    const machine = createVirtualMachine({ seed: 1 })
    const [one, two] = [machine.tab(), machine.tab()]
    let aborted = false
    const held = one.locks.request('l', {}, async (stolen) => {
      stolen.addEventListener('abort', () => {
        aborted = true
      })
      await new Promise<void>((resolve) => one.setTimer(50, resolve))
    })
    const refused = expect(held).rejects.toMatchObject({ name: 'AbortError' })
    await machine.time.advance(1)
    void two.locks.request('l', { steal: true }, never)
    await machine.time.advance(100)
    await refused
    expect([aborted, await one.locks.isHeld('l')]).toEqual([true, true])
  })

  test('a killed tab frees its locks; a frozen one keeps them', async () => {
    const machine = createVirtualMachine({ seed: 1 })
    const [one, two] = [machine.tab(), machine.tab()]
    void one.locks.request('l', {}, never)
    await machine.time.advance(1)
    let reached = false
    void two.locks.request('l', {}, async () => {
      reached = true
    })
    machine.freeze(one)
    await machine.time.advance(1_000)
    expect(reached).toBe(false)
    machine.kill(one)
    await machine.time.advance(1)
    expect(reached).toBe(true)
  })
})

describe('channels', () => {
  test('deliver copies, later, in order, to the others and never to the sender', async () => {
    const machine = createVirtualMachine({ seed: 1 })
    const [one, two] = [machine.tab(), machine.tab()]
    const [sender, receiver] = [one.openChannel('c'), two.openChannel('c')]
    const seen: unknown[] = []
    sender.subscribe((message) => seen.push(['sender', message]))
    receiver.subscribe((message) => seen.push(message))
    two.openChannel('other').subscribe((message) => seen.push(['other', message]))
    const message = { n: 1 }
    sender.post(message)
    message.n = 9
    sender.post({ n: 2 })
    expect(seen).toEqual([])
    await machine.time.advance(0)
    expect(seen).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('a killed tab gets nothing, a frozen one gets everything after its thaw', async () => {
    const machine = createVirtualMachine({ seed: 1 })
    const [one, two, three] = [machine.tab(), machine.tab(), machine.tab()]
    const seen: unknown[] = []
    two.openChannel('c').subscribe((message) => seen.push(['two', message]))
    three.openChannel('c').subscribe((message) => seen.push(['three', message]))
    machine.freeze(two)
    machine.kill(three)
    two.setTimer(5, () => seen.push('timer'))
    const channel = one.openChannel('c')
    channel.post(1)
    channel.post(2)
    await machine.time.advance(10)
    expect(seen).toEqual([])
    machine.thaw(two)
    await machine.time.advance(0)
    expect(seen).toEqual([['two', 1], ['two', 2], 'timer'])
  })
})
