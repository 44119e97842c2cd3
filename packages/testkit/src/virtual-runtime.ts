import type { Runtime } from '@holdfast/core'
import { type ChannelHub, createChannelHub } from './virtual/channels.ts'
import { createLockTable, type LockTable } from './virtual/locks.ts'
import { randomHexOf, seededRandom } from './virtual/random.ts'
import { type ControlledSignal, createControlledSignal } from './virtual/signal.ts'
import { createTabLife, type TabLife } from './virtual/tab.ts'
import { createVirtualTime, type VirtualTime, type VirtualTimeOptions } from './virtual/time.ts'

/** A Runtime under virtual time: one seed is one history. It is one tab of a virtual machine. */
export interface VirtualRuntime extends Runtime {
  readonly connectivity: ControlledSignal
  readonly visibility: ControlledSignal
  readonly lowBattery: ControlledSignal
  readonly machine: VirtualMachine
  readonly advance: VirtualTime['advance']
  readonly runUntilIdle: VirtualTime['runUntilIdle']
  readonly advanceUntil: VirtualTime['advanceUntil']
  readonly settle: VirtualTime['settle']
}

/** One device: its tabs share the wall clock, locks and channels. Several machines can share one `time`. */
export interface VirtualMachine {
  readonly time: VirtualTime
  /** Opens a tab: online, visible, not low on battery, with a monotonic clock and randomness of its own. */
  tab(): VirtualRuntime
  /** Ends a tab as a crash does: its timers and messages vanish, its locks are free, its lock requests never settle. */
  kill(tab: Runtime): void
  /** Holds back a tab's timers, messages and grants; it keeps its locks. Promise reactions cannot be held back. */
  freeze(tab: Runtime): void
  /** Runs what was held back, in order, at the current time. */
  thaw(tab: Runtime): void
  /** Moves the wall clock, either way; timers and monotonic clocks do not notice. */
  jumpWallClock(ms: number): void
}

export interface VirtualMachineOptions extends VirtualTimeOptions {
  readonly seed: number | string
  /** Wall clock at the start, ms since 1970. */
  readonly start?: number
  /** The time of another machine, to run both in one history. */
  readonly time?: VirtualTime
}

const DEFAULT_START = Date.UTC(2026, 0, 1)

export function createVirtualMachine(options: VirtualMachineOptions): VirtualMachine {
  const { seed, start = DEFAULT_START } = options
  const time = options.time ?? createVirtualTime(options)
  const locks = createLockTable()
  const channels = createChannelHub()
  const lives = new WeakMap<Runtime, TabLife>()
  let wallOffset = start - time.elapsed()
  let tabs = 0

  function lifeOf(tab: Runtime): TabLife {
    const life = lives.get(tab)
    if (life === undefined) throw new Error('this runtime is not a tab of this virtual machine')
    return life
  }

  const machine: VirtualMachine = {
    time,
    tab() {
      const life = createTabLife(time)
      tabs += 1
      const now = () => time.elapsed() + wallOffset
      const runtime = createTab({ machine, life, locks, channels, now, seed: `${seed}/${tabs}` })
      lives.set(runtime, life)
      return runtime
    },
    kill: (tab) => lifeOf(tab).kill(),
    freeze: (tab) => lifeOf(tab).freeze(),
    thaw: (tab) => lifeOf(tab).thaw(),
    jumpWallClock(ms) {
      wallOffset += ms
    },
  }
  return machine
}

/** A single tab on a machine of its own. */
export function createVirtualRuntime(options: VirtualMachineOptions): VirtualRuntime {
  return createVirtualMachine(options).tab()
}

interface TabParts {
  readonly machine: VirtualMachine
  readonly life: TabLife
  readonly locks: LockTable
  readonly channels: ChannelHub
  readonly now: () => number
  readonly seed: string
}

function createTab({ machine, life, locks, channels, now, seed }: TabParts): VirtualRuntime {
  const { time } = machine
  const openedAt = time.elapsed()
  const ids = seededRandom(`${seed}/ids`)
  const jitter = seededRandom(`${seed}/jitter`)
  return {
    machine,
    now,
    monotonic: () => time.elapsed() - openedAt,
    setTimer: (ms, run) => life.schedule(ms, run),
    whenIdle: (run) => life.schedule(0, run, { whenIdle: true }),
    randomHex: (digits) => randomHexOf(ids, digits),
    randomUnit: jitter,
    connectivity: createControlledSignal(true, life),
    visibility: createControlledSignal(true, life),
    lowBattery: createControlledSignal(false, life),
    locks: locks.forTab(life),
    openChannel: (name) => channels.open(name, life),
    advance: time.advance,
    runUntilIdle: time.runUntilIdle,
    advanceUntil: time.advanceUntil,
    settle: time.settle,
  }
}
