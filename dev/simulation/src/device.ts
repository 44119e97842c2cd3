import { createMemoryDisk, type MemoryDisk } from '@holdfast/core/memory'
import { createVirtualMachine, type VirtualMachine } from '@holdfast/testkit'
import { createDice, type Dice } from './dice.ts'
import { DiskModel, type Effects } from './disk-model.ts'
import type { Line } from './network.ts'
import { Session } from './session.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

/** One device: a disk that outlives its tabs, a clock, and a line to the server. */
export class Device {
  readonly world: World
  readonly name: string
  readonly disk: MemoryDisk
  readonly machine: VirtualMachine
  readonly dice: Dice
  readonly model = new DiskModel()
  readonly line: Line = { isCut: false, throttled: 0, isAuthorized: true }
  sessions: Session[] = []
  refusesRefresh = false
  isOffline = false
  /** Batches that its tabs have written. */
  batches = 0
  /** Documents whose changes the application gave up. */
  readonly discarded = new Set<string>()
  /** Mutations of tabs that died before they could tell the others: found when the database is read again. */
  readonly orphans = new Set<string>()
  /** Mutations made while a commit may have been on its way: no copy of what they stand on is kept for a restart. */
  readonly hasty = new Set<string>()
  /** The transaction of each mutation that is part of one, as the application made them. */
  readonly groups = new Map<string, string>()
  /** The tab whose fence is on disk. */
  fenceHolder: Session | null = null
  /** What the disk, and the tabs that were held against it, were when they were checked last. */
  checkedDisk = ''
  #opened = 0

  constructor(world: World, name: string, skew: number) {
    this.world = world
    this.name = name
    this.dice = createDice(`${world.plan.seed}/${name}`)
    this.disk = createMemoryDisk({ durability: ['strict', 'relaxed'] })
    this.machine = createVirtualMachine({ seed: `${world.plan.seed}/${name}`, time: world.time })
    this.machine.jumpWallClock(skew)
  }

  /** The tabs that are there, frozen ones too. */
  get tabs(): Session[] {
    return this.sessions.filter((session) => !session.isDead)
  }

  storeDelay(): number {
    const { storeDelay } = this.world.plan.config
    return storeDelay === 0 || !this.world.isRough ? 0 : this.dice.pick([0, 0, 1, storeDelay])
  }

  openTab(): Session {
    const session = new Session(this, `${this.name}.${this.#opened++}`)
    this.sessions.push(session)
    if (this.isOffline) session.runtime.connectivity.set(false)
    this.world.await(session.open())
    return session
  }

  /** The latest timestamp of this device that its disk holds. */
  get latestStamp(): string {
    let latest = this.model.manifest?.hlc ?? ''
    for (const { mutation } of this.model.known.values()) if (mutation.hlc > latest) latest = mutation.hlc
    return latest
  }

  /** The application, or someone else, deleted the database. */
  forgetDatabase(): void {
    this.model.clear()
    this.fenceHolder = null
  }

  forget(session: Session): void {
    this.sessions = this.sessions.filter((one) => one !== session)
    if (this.fenceHolder === session) this.fenceHolder = null
  }

  killAll(): void {
    for (const session of this.tabs) session.kill()
    this.sessions = []
    this.fenceHolder = null
  }

  /** Only the tab that took the fence last commits, and what a manifest says only grows. */
  checkFence(session: Session, { manifest, isCommit }: Effects): void {
    if (!isCommit) return
    const before = this.model.manifest
    if (manifest === null || before === null) {
      if (before !== null && this.fenceHolder !== session)
        throw new Violation('S12', `${session.name} commits, and another tab leads`)
      return
    }
    if (manifest.fence > before.fence) this.fenceHolder = session
    else if (this.fenceHolder !== session)
      throw new Violation('S12', `${session.name} commits, and another tab leads`)
    if (manifest.generation !== before.generation + 1) throw new Violation('S7', 'a manifest was passed over')
    if (manifest.hlc < before.hlc) throw new Violation('S11', 'the stored clock went backwards')
    if (manifest.replica !== before.replica) throw new Violation('S7', 'the replica changed its id')
    const isSameHistory = manifest.origin?.epoch === before.origin?.epoch
    for (const [collection, checkpoint] of Object.entries(before.checkpoints)) {
      const next = manifest.checkpoints[collection]
      if (!isSameHistory || next === undefined || manifest.reconciling.includes(collection)) continue
      if (before.reconciling.includes(collection)) continue
      if (Number.parseInt(next, 10) < Number.parseInt(checkpoint, 10))
        throw new Violation('S6', `the checkpoint of ${collection} went backwards`)
    }
  }

  /**
   * Each tab's timestamps grow, and a tab's first one is above all that was on disk when it was
   * opened.
   */
  checkStamps(session: Session, { logs }: Effects): void {
    for (const { writer, mutations } of logs) {
      let last = this.#lastStamps.get(writer) ?? session.openedAbove
      for (const mutation of mutations) {
        const { id, hlc } = mutation
        if (this.model.known.has(id) || this.world.ids.has(id))
          throw new Violation('S2', `mutation id ${id} was used before`)
        this.world.ids.add(id)
        if (hlc <= last)
          throw new Violation('S11', `the clock of ${this.name} went backwards: ${hlc} after ${last}`)
        last = hlc
      }
      this.#lastStamps.set(writer, last)
    }
  }

  readonly #lastStamps = new Map<string, string>()
}
