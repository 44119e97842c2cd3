import { createMemoryServer, type MemoryServerBackup, type OpenWrite } from '@holdfast/core/memory'
import { createVirtualMachine, createVirtualTime, type VirtualTime } from '@holdfast/testkit'
import type { ServerBackend } from './core.ts'
import { Device } from './device.ts'
import { createDice, type Dice } from './dice.ts'
import { Hits } from './hits.ts'
import { OldVersions, type OldVersionsImage } from './old-versions.ts'
import type { Plan } from './plan.ts'
import { ServerHistory } from './server-history.ts'
import type { Session } from './session.ts'
import { Violation } from './violation.ts'

interface Backup {
  readonly image: MemoryServerBackup
  readonly oldVersions: OldVersionsImage | undefined
  readonly place: number
}

/** Everything in one history: the server, the devices, and one virtual time for all. */
export class World {
  readonly plan: Plan
  readonly time: VirtualTime
  readonly server: ServerBackend
  readonly history = new ServerHistory()
  readonly hits = new Hits()
  readonly oldVersions: OldVersions | null
  readonly devices: Device[]
  readonly trace: string[] = []
  readonly dice: Dice
  /** Ids of all mutations that any device made durable. */
  readonly ids = new Set<string>()
  readonly openWrites: OpenWrite[] = []
  backup: Backup | null = null
  /** True while faults strike. */
  isRough = true
  /** A restore, or tombstones forgotten: very old messages may take effect again. */
  hasLostHistory = false
  operations = 0
  /** Called where a crash may come, with the tab that would meet it. */
  onPoint: (session: Session, what: string) => void = () => {}
  epoch: string
  #violation: Violation | null = null

  constructor(plan: Plan) {
    this.plan = plan
    this.time = createVirtualTime({ settle: reactionsSettled })
    this.dice = createDice(`${plan.seed}/world`)
    const { config } = plan
    const machine = createVirtualMachine({ seed: `${plan.seed}/server`, time: this.time })
    const runtime = machine.tab()
    this.server = createMemoryServer({ runtime, maxBatch: config.maxBatch }) as ServerBackend
    this.oldVersions = config.faults.includes('old versions')
      ? new OldVersions({
          server: this.server,
          dice: createDice(`${plan.seed}/old versions`),
          hits: this.hits,
        })
      : null
    this.epoch = this.#readEpoch()
    this.devices = Array.from({ length: config.replicas }, (_, i) => {
      const skew = Math.floor((this.dice.unit() * 2 - 1) * config.skew)
      return new Device(this, `r${i}`, skew)
    })
  }

  say(text: string): void {
    this.trace.push(`${(this.time.elapsed() / 1000).toFixed(3).padStart(9)}  ${text}`)
  }

  /** Runs a check inside the engine's own calls: a violation is kept, and never thrown into the engine. */
  guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#violation ??= asViolation(error)
    }
  }

  /** Something that the history does not wait for; if it breaks a rule, the history ends. */
  await(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#violation ??= asViolation(error)
    })
  }

  /** Throws the first violation that was met. */
  throwViolation(): void {
    if (this.#violation !== null) throw this.#violation
  }

  makeBackup(): void {
    this.backup = {
      image: this.server.backup(),
      oldVersions: this.oldVersions?.image(),
      place: this.history.place - 1,
    }
  }

  restore(): void {
    this.server.restore(this.backup?.image)
    this.oldVersions?.restore(this.backup?.oldVersions)
    this.history.rewind(this.backup?.place ?? -1)
    this.openWrites.length = 0
    this.hasLostHistory = true
    this.epoch = this.#readEpoch()
  }

  #readEpoch(): string {
    const { signal } = new AbortController()
    const nothing = { checkpoints: {}, origin: null, limit: 1, replica: '', signal }
    return this.server.pull('default', nothing).origin.epoch
  }
}

/** Node calls the next tick when no promise reaction is left; a turn of its event loop would take as long as all of them. */
function reactionsSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

/** Node tells of rejections that nobody handled in a turn of its event loop. */
export function rejectionsTold(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What is thrown in a history breaks a rule, whatever it is. */
export function asViolation(error: unknown): Violation {
  if (error instanceof Violation) return error
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new Violation('S16', `an error that is not typed: ${text}`)
}
