import { HoldfastError, isHoldfastError } from '@holdfast/core'
import type { Device } from './device.ts'
import { asDocument, type CollectionName, keyOf, SYNCED } from './documents.ts'
import type { Step, StepKind } from './plan.ts'
import { REFUSED } from './server-history.ts'
import { DATABASE, type Session } from './session.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'
import { isWrite, startWrite } from './writes.ts'

/** Carries one step out, as far as the world is as the step needs it to be; it never waits. */
export function takeStep(world: World, step: Step): void {
  const device = world.devices[step.replica] as Device
  const session = device.tabs[step.tab % Math.max(1, device.tabs.length)]
  if (isWrite(step.kind)) {
    if (session?.isReady) startWrite(session, step)
    return
  }
  if (step.kind in TAB_STEPS) {
    if (session !== undefined) TAB_STEPS[step.kind]?.(session, step)
    return
  }
  DEVICE_STEPS[step.kind]?.(device, step)
  SERVER_STEPS[step.kind]?.(world, step)
}

/** A command of the application; the engine may refuse it, with a typed error. */
export function command(session: Session, what: string, run: () => Promise<unknown> | undefined): void {
  const { world } = session.device
  world.say(`${session.name} ${what}`)
  world.await(
    (run() ?? Promise.resolve()).then(
      () => world.hits.hit(`${what.split(' ')[0]} done`),
      (error: unknown) => {
        if (!isHoldfastError(error) && !isRefusedRefresh(error)) throw error
        world.say(`${session.name} ${what}: ${isHoldfastError(error) ? error.code : 'no fresh session'}`)
      },
    ),
  )
}

/** What the application's own `refreshAuth` throws comes back to the one who asked. */
function isRefusedRefresh(error: unknown): boolean {
  return error instanceof Error && error.message === 'the identity provider is down'
}

const TAB_STEPS: Partial<Record<StepKind, (session: Session, step: Step) => void>> = {
  syncNow: (session) => session.isReady && command(session, 'syncNow', () => session.db?.sync.now()),
  optimize: (session) => session.isReady && command(session, 'optimize', () => session.db?.sync.optimize()),
  closeTab(session) {
    if (!session.isReady) return
    session.isBroken = true
    command(session, 'close', () => session.db?.close().then(() => end(session)))
  },
  hideTab: (session, { x }) => session.runtime.visibility.set(x < 0.5),
  crashTab(session) {
    if (!session.isQuiet) session.device.world.hits.hit('crashed in the middle of a store operation')
    session.device.world.hits.hit('tab crashed')
    session.device.world.say(`${session.name} crashes`)
    end(session)
  },
  freeze(session) {
    if (session.isFrozen) return
    const { world, machine, fenceHolder } = session.device
    session.isFrozen = true
    machine.freeze(session.runtime)
    world.hits.hit(fenceHolder === session ? 'leader frozen' : 'tab frozen')
    world.say(`${session.name} is frozen`)
  },
  thaw(session) {
    const frozen = session.device.tabs.find(({ isFrozen }) => isFrozen)
    if (frozen !== undefined) thaw(frozen)
  },
  stealLock(session) {
    const { machine, world } = session.device
    const lock = `holdfast/${session.scope}/${DATABASE}/leader`
    const hold = () => new Promise<void>((resolve) => machine.time.schedule(0, resolve))
    world.await(machine.tab().locks.request(lock, { steal: true }, hold))
    world.hits.hit('lock stolen')
    world.say(`${session.device.name}: the leader's lock is stolen`)
  },
  retry(session) {
    const [failed] = session.isReady ? (session.db?.failed.list() ?? []) : []
    if (failed === undefined) return
    command(session, `retry ${failed.collection}/${failed.id}`, () => session.db?.failed.retry(failed))
  },
  discard(session, { x }) {
    const stuck = session.isReady
      ? [...(session.db?.failed.list() ?? []), ...(session.db?.conflicts.list() ?? [])]
      : []
    const one = stuck[Math.floor(x * stuck.length)]
    if (one === undefined) return
    session.device.discarded.add(keyOf(one.collection, one.id))
    command(session, `discard ${one.collection}/${one.id}`, () => session.db?.failed.discard(one))
  },
  resolve(session, { x, no }) {
    const open = session.isReady ? (session.db?.conflicts.list() ?? []) : []
    const one = open[Math.floor(x * open.length)]
    if (one === undefined) return
    const { collection, id } = one
    const value = x < 0.3 ? one.remote : x < 0.4 ? null : asDocument({ ...one.local, id, b: `v${no}.r` })
    const answer = value !== null && x >= 0.4 ? `v${no}.r` : null
    command(session, `resolve ${collection}/${id}`, () =>
      session.db?.conflicts.resolve({ collection, id, value }).then(() => {
        if (answer !== null) checkAnswered(session, answer)
      }),
    )
  },
}

/** What a person made of a conflict is a mutation on disk. */
function checkAnswered({ device, isDead, isBroken }: Session, token: string): void {
  if (isDead || isBroken) return
  for (const { mutation } of device.model.known.values())
    if (JSON.stringify(mutation.change).includes(`"${token}"`)) return
  throw new Violation('S1', `the answer ${token} to a conflict is not on disk`)
}

export function end(session: Session): void {
  session.kill()
  session.device.forget(session)
}

export function thaw(session: Session): void {
  session.isFrozen = false
  session.device.machine.thaw(session.runtime)
  session.device.world.hits.hit('tab thawed')
  session.device.world.say(`${session.name} is thawed`)
}

const DEVICE_STEPS: Partial<Record<StepKind, (device: Device, step: Step) => void>> = {
  openTab(device) {
    for (const session of device.tabs) if (session.isBroken && session.isQuiet) end(session)
    if (device.tabs.length < device.world.plan.config.maxTabs) device.openTab()
  },
  goOffline: (device) => setOffline(device, true),
  goOnline: (device) => setOffline(device, false),
  crashDevice(device) {
    device.world.hits.hit('device crashed')
    device.world.say(`${device.name} crashes`)
    device.killAll()
    device.disk.crash()
    device.model.sync()
    device.openTab()
  },
  cutPower(device, { x }) {
    const { unsynced } = device.model
    const kept = Math.floor(x * (unsynced + 1))
    device.killAll()
    device.disk.crash({ keepUnsynced: kept })
    device.model.cut(kept)
    if (kept < unsynced) device.world.history.lostTail(device.model.known.keys())
    if (kept < unsynced) device.world.hits.hit('unsynced tail lost')
    device.world.say(`${device.name} loses power, and ${unsynced - kept} writes that were not synced`)
    device.openTab()
  },
  syncDisk(device) {
    device.disk.sync()
    device.model.sync()
  },
  failWrites(device, { x }) {
    const error = new HoldfastError('store_failed', 'The disk failed. Nothing was changed.', {
      retryable: true,
    })
    device.disk.failWrites(1 + Math.floor(x * 3), error)
    device.world.say(`${device.name}: the disk fails its next writes`)
  },
  fillDisk(device) {
    device.disk.setQuota(0)
    device.world.say(`${device.name}: the disk is full`)
  },
  freeDisk: (device) => device.disk.setQuota(Number.POSITIVE_INFINITY),
  loseStore(device) {
    device.disk.lose(DATABASE)
    device.forgetDatabase()
    for (const session of device.tabs) session.isBroken = true
    device.world.hits.hit('store lost')
    device.world.say(`${device.name}: the database is deleted by someone else`)
  },
  partition(device) {
    device.line.isCut = true
    device.world.say(`${device.name} is cut off`)
  },
  mend: (device) => {
    device.line.isCut = false
  },
  throttle(device, { x }) {
    device.line.throttled += 1 + Math.floor(x * 4)
  },
  expireSession(device) {
    device.line.isAuthorized = false
    device.refusesRefresh = false
    device.world.say(`${device.name}: the session expires`)
  },
  refuseRefresh(device) {
    device.line.isAuthorized = false
    device.refusesRefresh = true
  },
  jumpClock(device, { x, y }) {
    const ms = Math.floor((y < 0.5 ? -1 : 1) * x * (x < 0.5 ? 10_000 : 7_200_000))
    device.machine.jumpWallClock(ms)
    device.world.hits.hit(ms < 0 ? 'clock set back' : 'clock set forward')
    device.world.say(`${device.name}: the clock jumps by ${ms} ms`)
  },
}

function setOffline(device: Device, isOffline: boolean): void {
  device.isOffline = isOffline
  device.line.isCut = isOffline
  for (const { runtime } of device.tabs) runtime.connectivity.set(!isOffline)
  device.world.say(`${device.name} ${isOffline ? 'goes offline' : 'comes online'}`)
  device.world.hits.hit(isOffline ? 'went offline' : 'came online')
}

const SERVER_STEPS: Partial<Record<StepKind, (world: World, step: Step) => void>> = {
  foreignWrite: (world, step) =>
    foreign(world, step, (name, id) => {
      const value = asDocument({ id, a: `v${step.no}.fa`, ...(step.x < 0.5 ? { b: `v${step.no}.fb` } : {}) })
      return { id, version: world.server.write(name, value) }
    }),
  foreignDelete: (world, step) =>
    foreign(world, step, (name, id) => ({ id, version: world.server.delete(name, id) })),
  beginWrite(world, step) {
    foreign(world, step, (name, id) => {
      // A writer that waits for another's row would hold a lock: it is not simulated.
      if (world.openWrites.length > 0) return null
      const open = world.server.begin()
      world.openWrites.push(open)
      const value = asDocument({ id, a: `v${step.no}.la` })
      return { id, version: open.write(name, value) }
    })
  },
  endWrite: (world, { x }) => endWrite(world, x < 0.8),
  backup(world) {
    world.makeBackup()
    world.say('server: backup')
  },
  restore(world) {
    world.hits.hit(world.backup === null ? 'server wiped' : 'server restored')
    world.say(`server: restored${world.backup === null ? ' to nothing' : ''}`)
    world.restore()
  },
  forgetTombstones(world) {
    // Those too that an open writer keeps from the feed: the server forgets every one.
    const standing = [...(world.server.backup().get('default')?.documents.values() ?? [])]
    const gone = standing.filter(({ value }) => value === null)
    world.history.forget(new Set(gone.map(({ collection, id }) => keyOf(collection, id))))
    world.server.forgetTombstones()
    world.oldVersions?.clear()
    world.hasLostHistory = true
    world.hits.hit('tombstones forgotten')
    world.say('server: forgets its tombstones')
  },
  rejectSome(world, { document }) {
    world.server.faults.rejectWhen((mutation) =>
      mutation.documentId === `d${document}` ? { reason: REFUSED } : null,
    )
    world.say(`server: refuses d${document}`)
  },
  rejectNone: (world) => world.server.faults.rejectWhen(null),
  changeSome(world, { document, no, x }) {
    world.server.faults.changeOnWrite(
      x < 0.3 ? null : (value) => (value.id === `d${document}` ? { ...value, c: `v${no}.s` } : value),
    )
    world.say('server: changes what is written')
  },
}

function foreign(
  world: World,
  step: Step,
  write: (
    name: CollectionName,
    id: string,
  ) => { id: string; version: { rev: string; value: unknown } } | null,
): void {
  const name = SYNCED[step.collection % SYNCED.length] as CollectionName
  world.oldVersions?.note(name, `d${step.document}`)
  try {
    const done = write(name, `d${step.document}`)
    if (done === null) return
    world.history.foreign(name, done.version as Parameters<typeof world.history.foreign>[1], done.id)
    world.hits.hit(step.kind)
    world.say(`another program: ${step.kind} ${name}/${done.id}`)
  } catch (error) {
    if (!isHoldfastError(error, 'store_locked')) throw error
  }
}

export function endWrite(world: World, commits: boolean): void {
  const open = world.openWrites.pop()
  if (open === undefined) return
  if (commits) open.commit()
  else open.rollback()
  world.hits.hit(commits ? 'late commit' : 'rolled back')
  world.say(`another program ${commits ? 'commits' : 'rolls back'}`)
}
