import {
  createHoldfast,
  type Holdfast,
  isHoldfastError,
  type Mutation,
  type PushMutation,
  tokens,
  type WriteBatch,
  type WriteOptions,
} from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import type { VirtualRuntime } from '@holdfast/testkit'
import { type CommitContext, checkLedger, checkVersions } from './check-commit.ts'
import type { Storage } from './core.ts'
import type { Device } from './device.ts'
import { effectsOf } from './disk-model.ts'
import { type Collections, collections, isLocalOnly } from './documents.ts'
import { ShownLists } from './lists.ts'
import { remoteOver } from './network.ts'
import { checkWholeGroups } from './server-history.ts'
import { tapStore } from './store-tap.ts'
import { Violation } from './violation.ts'

export const DATABASE = 'simulated'

const SCHEDULE = {
  debounce: 10,
  activeInterval: 4_000,
  backgroundInterval: 15_000,
  backoffBase: 50,
  backoffCeiling: 2_000,
  breakerThreshold: 3,
  minTimeout: 3_000,
  maxTimeout: 12_000,
}

/** Of a store, in one moment of virtual time, each counted before and after. */
const MAX_OPERATIONS = 10_000

/** One tab from its opening to its end. */
export class Session {
  readonly name: string
  readonly runtime: VirtualRuntime
  readonly device: Device
  db: Holdfast<Collections> | null = null
  storage: Storage | null = null
  lists: ShownLists | null = null
  isDead = false
  isFrozen = false
  /** The database went away under it, or it could not be opened. */
  isBroken = false
  /** Grows with each change of the rows in its memory. */
  changes = 0
  /** The latest timestamp on disk when it was opened. */
  readonly openedAbove: string
  readonly scope: string
  /** What its rows, and what they are held against, were when they were checked last. */
  checkedRows = ''
  readonly #store
  #busy = { at: -1, operations: 0 }
  /** Mutations whose append has not ended. */
  readonly #untold = new Set<string>()
  /** Mutations that the engine was told to append, by the step whose values they carry. */
  readonly #idsByStep = new Map<number, string>()

  constructor(device: Device, name: string) {
    this.device = device
    this.name = name
    this.openedAbove = device.latestStamp
    this.runtime = device.machine.tab()
    const inner = memoryStore({ disk: device.disk })
    this.scope = inner.capabilities.scope ?? ''
    this.#store = tapStore(inner, {
      runtime: this.runtime,
      isDead: () => this.isDead,
      delay: () => device.storeDelay(),
      events: {
        onWrite: (batch, options) => this.#onWrite(batch, options),
        onWritten: (batch, options) => this.#onWritten(batch, options),
        onRefused: (error) => this.#onRefused(error),
        onDestroyed: () => device.forgetDatabase(),
        onPoint: (what) => {
          device.world.onPoint(this, what)
          this.#checkProgress()
        },
      },
    })
  }

  /** No operation of its store is under way. */
  get isQuiet(): boolean {
    return this.#store.waiting() === 0
  }

  get isReady(): boolean {
    return this.db !== null && !this.isDead && !this.isFrozen && !this.isBroken
  }

  async open(): Promise<void> {
    const { world, machine, line, dice, batches } = this.device
    let container: Parameters<NonNullable<Parameters<typeof createHoldfast>[0]['parts']>>[0] | null = null
    try {
      const db = await createHoldfast({
        name: DATABASE,
        local: this.#store,
        remote: remoteOver({
          backend: world.server,
          config: world.plan.config,
          dice,
          hits: world.hits,
          line,
          isRough: () => world.isRough,
          oldVersions: world.oldVersions,
          runtime: this.runtime,
          isDead: () => this.isDead,
          epoch: () => world.epoch,
          schedule: (ms, run) => machine.time.schedule(ms, () => world.guard(run)),
          onPoint: (what) => world.onPoint(this, what),
          onPush: ({ mutations }) => world.guard(() => this.#onPush(mutations)),
          onPushed: ({ mutations }, { outcomes }) =>
            world.history.pushed({
              mutations,
              outcomes,
              model: this.device.model,
              isChanging: world.server.board.change !== null || world.hasLostHistory,
              read: (collection, id) => world.server.read(collection, id)?.value ?? null,
            }),
          say: (text) => world.say(`${this.name} ${text}`),
        }),
        collections,
        durability: 'relaxed',
        schedule: { ...SCHEDULE, pullLimit: world.plan.config.pullLimit },
        refreshAuth: () => this.#refreshAuth(),
        parts: (of) => {
          container = of
          of.set(tokens.RUNTIME, this.runtime)
        },
      })
      if (container === null) throw new TypeError('the engine was composed without its parts')
      this.storage = (container as { get(token: typeof tokens.STORAGE): Storage }).get(tokens.STORAGE)
      this.storage.tables.subscribe(() => {
        this.changes++
      })
      this.#watchAppends(this.storage)
      this.#showLists(db, this.storage, batches)
      this.db = db
      db.sync.start()
      world.say(`${this.name} is open`)
    } catch (error) {
      if (!isHoldfastError(error)) throw error
      this.isBroken = true
      world.say(`${this.name} could not be opened: ${error.code}`)
    }
  }

  /** `batches`: as many were on disk when it began to open. */
  #showLists(db: Holdfast<Collections>, storage: Storage, batches: number): void {
    const { device } = this
    const lists = new ShownLists(db, storage)
    this.lists = lists
    if (!lists.noteFirstSight(batches)) return
    device.world.hits.hit('shown before the pages were read')
    const stop = storage.tables.subscribe((changes) => {
      if (changes !== null) return
      stop()
      device.world.guard(() => lists.checkFirstSight(this.name, device.batches))
    })
  }

  /** A mutation that carries a value of this step of the plan; undefined where none was appended. */
  idOfStep(no: number): string | undefined {
    return this.#idsByStep.get(no)
  }

  kill(): void {
    for (const id of this.#untold) this.device.orphans.add(id)
    this.isDead = true
    this.device.machine.kill(this.runtime)
  }

  #watchAppends(storage: Storage): void {
    const append = storage.append.bind(storage)
    const { model, world } = this.device
    storage.append = async (stamped, durability) => {
      const { mutations } = stamped
      if (!this.isQuiet || this.device.fenceHolder !== this || !this.device.fenceHolder.isQuiet)
        for (const { id } of mutations) this.device.hasty.add(id)
      for (const mutation of mutations)
        for (const no of stepsIn(mutation)) this.#idsByStep.set(no, mutation.id)
      for (const { id, group } of mutations) {
        this.#untold.add(id)
        if (group !== undefined) this.device.groups.set(id, group)
      }
      try {
        await append(stamped, durability)
        for (const { id } of mutations) this.#untold.delete(id)
      } catch (error) {
        world.guard(() => this.#checkTakenBack(mutations, storage))
        throw error
      }
      world.guard(() => {
        if (this.isBroken) return
        for (const { id } of mutations) {
          if (!model.known.has(id)) throw new Violation('S1', `${id} was acknowledged and is not on disk`)
          if (durability === 'strict' && !model.isSynced(id))
            throw new Violation('S1', `${id} was acknowledged as strict, and a power cut would lose it`)
        }
      })
    }
  }

  /** Who keeps its store busy while no time passes does so for ever. */
  #checkProgress(): void {
    const { world } = this.device
    const now = world.time.elapsed()
    this.#busy = { at: now, operations: now === this.#busy.at ? this.#busy.operations + 1 : 0 }
    if (this.#busy.operations < MAX_OPERATIONS) return
    this.kill()
    world.guard(() => {
      throw new Violation('liveness', `${this.name} is busy with its store for ever`)
    })
  }

  #checkTakenBack(mutations: readonly Mutation[], { tables }: Storage): void {
    if (this.isDead) return
    for (const { id, collection, documentId } of mutations) {
      const row = tables.get(collection, documentId)
      if (row?.pending?.mutations.some((one) => one.id === id) && !this.device.model.known.has(id))
        throw new Violation('S2', `${collection}/${documentId}: a write that failed is still shown`)
    }
  }

  #onWrite(batch: WriteBatch, options: WriteOptions | undefined): void {
    const { device } = this
    device.world.guard(() => {
      const effects = effectsOf(batch)
      if (effects.isCommit && options?.expect?.key !== 'm')
        throw new Violation('S12', `${this.name} commits without a fence`)
    })
  }

  #onWritten(batch: WriteBatch, options: WriteOptions | undefined): void {
    const { device } = this
    device.world.guard(() => {
      const effects = effectsOf(batch)
      device.checkFence(this, effects)
      device.checkStamps(this, effects)
      const context: CommitContext = {
        model: device.model,
        history: device.world.history,
        rowOf: (collection, id) => this.storage?.tables.get(collection, id),
        isDiscarded: (key) => device.discarded.has(key),
      }
      if (!device.world.hasLostHistory) checkVersions(effects, context)
      checkLedger(effects, context)
      device.model.apply(effects)
      device.batches++
      if (options?.durability === 'strict') device.model.sync()
      if (effects.replacesLedger) device.world.hits.hit('ledger folded')
      if ((batch.delete ?? []).length > 0) device.world.hits.hit('page compacted')
    })
  }

  #onRefused(error: unknown): void {
    const { hits } = this.device.world
    if (isHoldfastError(error, 'store_conflict')) hits.hit('commit fenced off')
    else if (isHoldfastError(error, 'store_full')) hits.hit('write refused, disk full')
    else if (isHoldfastError(error, 'store_failed')) hits.hit('write failed')
  }

  #onPush(mutations: readonly PushMutation[]): void {
    const { model } = this.device
    if (this.isDead || this.isBroken || this.device.fenceHolder !== this) return
    for (const mutation of mutations) {
      if (isLocalOnly(mutation.collection))
        throw new Violation('S15', `${mutation.collection} stays on the device, and is sent`)
      const frozen = model.frozen.get(`${mutation.collection}/${mutation.documentId}`)
      if (frozen === undefined)
        throw new Violation('S2', `${mutation.documentId} is sent and not frozen on disk`)
      if (
        JSON.stringify(frozen.sent.value) !== JSON.stringify(mutation.value) ||
        frozen.sent.id !== mutation.id
      )
        throw new Violation('S2', `${mutation.documentId}: what is sent is not what was frozen`)
    }
    checkWholeGroups(mutations, this.device)
  }

  async #refreshAuth(): Promise<void> {
    const { line, world } = this.device
    if (this.device.refusesRefresh) {
      world.hits.hit('refresh refused')
      world.say(`${this.name} cannot refresh its session`)
      throw new Error('the identity provider is down')
    }
    line.isAuthorized = true
    world.hits.hit('session refreshed')
  }
}

/** Values are tokens that begin with the number of the step that writes them. */
function stepsIn({ change }: Mutation): number[] {
  if (change.kind === 'delete') return []
  const fields = change.kind === 'create' ? change.value : change.set
  return [...JSON.stringify(fields).matchAll(/"v(\d+)/g)].map(([, no]) => Number(no))
}
