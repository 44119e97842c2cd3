import { ContainerInstance } from 'typedi'
import { createLane } from '../apply/lane.ts'
import type { Durability } from '../contracts/local-store.ts'
import type { PullPage, PushMutation, RemoteStore } from '../contracts/remote-store.ts'
import { acceptPage } from '../merge/accept-page.ts'
import { projectWith } from '../merge/project.ts'
import { threeWay } from '../merge/three-way.ts'
import type { Hlc } from '../model/document.ts'
import { Outbox } from '../outbox/outbox.ts'
import { PullLane } from '../pull/pull-lane.ts'
import { PushLane } from '../push/push-lane.ts'
import { Clock, mutationId, randomPart } from '../runtime/clock.ts'
import type { Channel } from '../runtime/runtime.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { Breaker } from '../schedule/breaker.ts'
import { DEFAULT_POLICY } from '../schedule/policy.ts'
import { Scheduler } from '../schedule/scheduler.ts'
import { Transport } from '../schedule/transport.ts'
import { Storage } from '../storage/storage.ts'
import { Gates } from '../write/gates.ts'
import { Writer } from '../write/writer.ts'
import { openReason } from './commands.ts'
import { silentLogger } from './logger.ts'
import type { CollectionConfigs, HoldfastOptions } from './options.ts'
import type { Settings } from './settings.ts'
import { SettledConflicts } from './settled-conflicts.ts'
import { StatusBoard } from './status-board.ts'
import * as T from './tokens.ts'

let engines = 0

/** A container of its own, with the parts that need no open database. No registry keeps it: it goes with its engine. */
export function createContainer(options: HoldfastOptions<CollectionConfigs>): ContainerInstance {
  const container = new ContainerInstance(`holdfast/${++engines}`)
  container.set({ id: T.RUNTIME, factory: systemRuntime })
  container.set({ id: T.LOGGER, value: silentLogger })
  container.set({ id: T.POLICY, value: { ...DEFAULT_POLICY, ...options.schedule } })
  container.set({ id: T.DEFAULT_STRATEGY, factory: () => threeWay() })
  container.set({ id: T.LOCAL_STORE, value: options.local })
  container.set({
    id: T.SETTLED_CONFLICTS,
    factory: () =>
      new SettledConflicts((error) =>
        container.get(T.LOGGER).warn('listener failed', { error: String(error) }),
      ),
  })
  if (options.remote !== undefined) container.set({ id: T.REMOTE_STORE, value: options.remote })
  container.set({
    id: T.CLOCK,
    factory: () => {
      const { now, randomHex } = container.get(T.RUNTIME)
      const onDrift = (aheadMs: number) => container.get(T.LOGGER).warn('remote clock is ahead', { aheadMs })
      return new Clock({ now, replica: randomHex(16), onDrift })
    },
  })
  options.parts?.(container)
  return container
}

/** Opens the storage and binds it. */
export async function bindStorage(
  container: ContainerInstance,
  { settings, channel, user }: { settings: Settings; channel: Channel; user: string | null },
): Promise<Storage> {
  const clock = container.get(T.CLOCK)
  const runtime = container.get(T.RUNTIME)
  const { randomHex } = runtime
  const storage = await Storage.open({
    runtime,
    store: container.get(T.LOCAL_STORE),
    writer: randomHex(16),
    newReplica: clock.replica,
    user,
    project: projectWith((collection) => settings.mergeRulesOf(collection)),
    channel,
    clock: () => clock.last,
    onReplica: (replica) => clock.become(replica),
    onHlc: (hlc) => clock.observe(hlc),
    onLedger: (entries) => container.get(T.SETTLED_CONFLICTS).tell(entries),
    onError: (error) => container.get(T.LOGGER).warn('local storage', { error: String(error) }),
  })
  container.set({ id: T.STORAGE, value: storage })
  return storage
}

export interface EngineHooks {
  readonly refreshAuth: () => Promise<boolean>
  /** The application's write is durable. */
  readonly onWrite: () => void
  /** The remote's outcomes are durable. */
  readonly onSettled: () => void
}

/** Binds everything that stands on an open storage. */
export function bindEngine(
  container: ContainerInstance,
  {
    settings,
    durability,
    hooks,
  }: { settings: Settings; durability: Durability | undefined; hooks: EngineHooks },
): void {
  const storage = container.get(T.STORAGE)
  const runtime = container.get(T.RUNTIME)
  const clock = container.get(T.CLOCK)
  const bind = <V>(id: { name?: string }, factory: () => V) => container.set({ id: id as never, factory })
  bind(T.LANE, createLane)
  bind(T.TRANSPORT, () => new Transport(runtime, container.get(T.POLICY)))
  bind(T.BREAKER, () => new Breaker(container.get(T.POLICY), runtime))
  bind(
    T.STATUS,
    () =>
      new StatusBoard(storage, {
        isConflict: (row) => openReason(storage.tables, row) !== null,
        refused: () => storage.manifest.refused.length,
      }),
  )
  if (container.has(T.REMOTE_STORE)) bindSync(container, settings, hooks)
  bind(T.OUTBOX, () => {
    const { capabilities } = container.get(T.LOCAL_STORE)
    return new Outbox(storage, { request: hooks.onWrite }, { durability, capabilities })
  })
  bind(T.WRITER, () => {
    const groups = container.has(T.REMOTE_STORE) ? container.get(T.REMOTE_STORE).capabilities.atomicGroups : 0
    return new Writer(
      {
        tables: storage.tables,
        ready: () => storage.ready,
        openHold: () => storage.openHold(),
        gates: new Gates(),
        clock,
        randomHex: runtime.randomHex,
        rulesOf: (collection) => settings.writeRulesOf(collection),
      },
      container.get(T.OUTBOX),
      { maxGroup: groups === 0 ? Number.POSITIVE_INFINITY : groups },
    )
  })
}

function bindSync(container: ContainerInstance, settings: Settings, hooks: EngineHooks): void {
  const storage = container.get(T.STORAGE)
  const runtime = container.get(T.RUNTIME)
  const remote = container.get(T.REMOTE_STORE)
  const status = () => container.get(T.STATUS)
  const maxBytesOf = (collection: string) =>
    Math.max(settings.maxBytesOf(collection), remote.capabilities.maxDocumentBytes)
  const bind = <V>(id: { name?: string }, factory: () => V) => container.set({ id: id as never, factory })
  bind(T.PUSH_LANE, () => {
    const { replica } = storage.manifest
    return new PushLane({
      storage,
      capabilities: remote.capabilities,
      send: (mutations, signal) =>
        container
          .get(T.TRANSPORT)
          .call((given) => remote.push({ mutations, replica, signal: given }), signal),
      prepare: (mutations) => prepareAt(remote, mutations),
      departed: () => container.get(T.TRANSPORT).departed(),
      inLane: container.get(T.LANE),
      isLocalOnly: (collection) => settings.isLocalOnly(collection),
      maxBytesOf,
      now: runtime.now,
      monotonic: runtime.monotonic,
      randomHex: runtime.randomHex,
      onOutcomes: (counts) => {
        status().pushed(counts)
        hooks.onSettled()
      },
    })
  })
  bind(T.PULL_LANE, () => {
    let fence = 0
    const accept = async (page: PullPage, fromStart: ReadonlySet<string>) => {
      status().pulled(page.changes.length)
      const isFirst = storage.manifest.origin === null
      await acceptPage(page, {
        state: storage.state,
        storage,
        inLane: container.get(T.LANE),
        fence,
        collections: settings.syncedNames,
        stamp: stampWith(container),
        maxBytesOf,
        fromStart,
      })
      // Until the remote's history is known, nothing is pushed.
      if (isFirst) container.get(T.SCHEDULER).pushAgain()
    }
    return new PullLane({
      manifest: () => storage.manifest,
      collections: settings.syncedNames,
      limit: container.get(T.POLICY).pullLimit,
      onWalk: () => {
        fence = storage.fence.assertHeld()
        storage.state.pushedUnderWay = new Set()
        storage.state.undecided.clear()
        // It reads from the beginning again: what was met by a walk that broke off may be gone since.
        for (const name of storage.manifest.reconciling) storage.state.beginReconciliation(name)
      },
      fetchPage: (ask, signal) =>
        container.get(T.TRANSPORT).call((given) => remote.pull({ ...ask, signal: given }), signal),
      departed: () => container.get(T.TRANSPORT).departed(),
      accept,
    })
  })
  bind(T.SCHEDULER, () => {
    const board = status()
    return new Scheduler({
      runtime,
      policy: container.get(T.POLICY),
      breaker: container.get(T.BREAKER),
      lanes: {
        push: (signal) => container.get(T.PUSH_LANE).run(signal),
        pull: (signal) => container.get(T.PULL_LANE).run(signal),
        hasPushable: () => !container.get(T.PUSH_LANE).isDry,
        refreshAuth: hooks.refreshAuth,
      },
      events: {
        onRound: () => board.set({ state: 'syncing' }),
        onRoundEnded: (round) =>
          board.roundEnded({ ...round, state: stateAfter(container, round.error !== null) }),
        onNext: (at) => board.set({ nextSyncAt: at }),
        onOffline: () => board.set({ state: 'offline' }),
      },
    })
  })
}

function prepareAt(remote: RemoteStore, mutations: readonly PushMutation[]): void {
  try {
    remote.prepare?.(mutations)
  } catch {
    // It was a hint: the push says what is wrong.
  }
}

function stateAfter(container: ContainerInstance, hasFailed: boolean) {
  const scheduler = container.get(T.SCHEDULER)
  if (scheduler.pausedBy !== null) return 'paused' as const
  if (!scheduler.isStarted) return 'stopped' as const
  if (!container.get(T.RUNTIME).connectivity.get()) return 'offline' as const
  return hasFailed ? ('waiting' as const) : ('idle' as const)
}

/** Stamps mutations that the engine itself makes. */
export function stampWith(container: ContainerInstance): (after: Hlc) => { id: string; hlc: Hlc } {
  const clock = container.get(T.CLOCK)
  const { randomHex } = container.get(T.RUNTIME)
  return (after) => {
    const hlc = clock.tick(after)
    return { id: mutationId(hlc, randomPart(randomHex)), hlc }
  }
}
