import type { Device } from '../device.ts'
import type { Plan, Step, StepKind } from '../plan.ts'
import type { Session } from '../session.ts'
import { takeStep } from '../steps.ts'
import { Violation } from '../violation.ts'
import { World } from '../world.ts'

/** A place in a scenario at which a crash can come. */
export interface Point {
  readonly what: string
  /** Writes that the disk has not synced, and that a power cut can take. */
  readonly unsynced: number
}

export interface Crash {
  /** The place among the points of the scenario at which it comes. */
  readonly at: number
  /** How many of the unsynced writes survive, the oldest first. */
  readonly keeps: number
}

const CALM: Plan['config'] = {
  replicas: 2,
  maxTabs: 2,
  documents: 3,
  faults: [],
  networkRate: 0,
  maxDelay: 0,
  storeDelay: 0,
  pullLimit: 2,
  maxBatch: 1_000,
  skew: 0,
  steps: 0,
  isBulky: false,
}

/** Ends the script of a scenario: the device is gone. */
export class Crashed extends Error {}

/** Most virtual ms that a scripted call may take. */
const PATIENCE_MS = 30_000
const TURN_MS = 5

/** A calm world with one device that is watched: every point of its tabs counts while a scenario acts. */
export class Stage {
  readonly world = new World({ seed: 0, config: CALM, steps: [] })
  readonly points: Point[] = []
  isCrashed = false
  #isArmed = false
  #no = 0

  constructor(crash: Crash | null) {
    this.world.onPoint = (session, what) => {
      if (!this.#isArmed || session.device !== this.device) return
      const { unsynced } = this.device.model
      if (this.points.push({ what, unsynced }) - 1 === crash?.at) this.#crash(crash.keeps)
    }
  }

  get device(): Device {
    return this.world.devices[0] as Device
  }

  /** The first tab of the watched device. */
  get session(): Session {
    return this.device.tabs[0] as Session
  }

  get db(): NonNullable<Session['db']> {
    return this.session.db as NonNullable<Session['db']>
  }

  /** Opens the devices, and waits until nothing moves. */
  async open(): Promise<void> {
    for (const device of this.world.devices) device.openTab()
    await this.pass(100)
  }

  /** From here on the points count, and only what the scenario does can be lost with the tail. */
  arm(): void {
    this.device.disk.sync()
    this.device.model.sync()
    this.#isArmed = true
  }

  disarm(): void {
    this.#isArmed = false
  }

  /** Throws `Crashed` if the crash came meanwhile. */
  async pass(ms: number): Promise<void> {
    await this.world.time.advance(ms)
    this.world.throwViolation()
    if (this.isCrashed) throw new Crashed()
  }

  /** Takes one step of the kind that histories are made of. */
  step(kind: StepKind, rest: Partial<Step> = {}): void {
    const step: Step = {
      no: this.#no++,
      kind,
      replica: 0,
      tab: 0,
      document: 0,
      collection: 0,
      x: 0.5,
      y: 0.5,
      wait: 0,
    }
    takeStep(this.world, { ...step, ...rest })
  }

  /** Lets time pass until the call has ended. */
  async call(run: () => Promise<unknown> | undefined): Promise<void> {
    let isOver = false
    let failure: unknown
    Promise.resolve(run()).then(
      () => (isOver = true),
      (error: unknown) => {
        isOver = true
        failure = error
      },
    )
    for (let ms = 0; !isOver; ms += TURN_MS) {
      if (ms > PATIENCE_MS) throw new Violation('liveness', 'a scripted call does not end')
      await this.pass(TURN_MS)
    }
    if (failure !== undefined) throw failure
  }

  #crash(kept: number): void {
    const { device, world } = this
    this.isCrashed = true
    const { unsynced } = device.model
    world.say(`the device crashes, and loses ${unsynced - kept} writes`)
    device.killAll()
    device.disk.crash({ keepUnsynced: kept })
    device.model.cut(kept)
    if (kept < unsynced) world.history.lostTail(device.model.known.keys())
  }
}
