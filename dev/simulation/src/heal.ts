import { canonicalJson, type JsonValue } from '@holdfast/core'
import { checkAllDisks, checkState } from './check-state.ts'
import { Device } from './device.ts'
import { asDocument, keyOf, NAMES, SYNCED } from './documents.ts'
import type { Session } from './session.ts'
import { command, end, endWrite, thaw } from './steps.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

/** Virtual time in which all must agree after the last fault has healed. */
const PATIENCE_MS = 5 * 60_000
const LOOK_MS = 500

/** Ends every fault, and demands that all come to agree within bounded virtual time, by themselves. */
export async function healAndConverge(world: World): Promise<void> {
  endFaults(world)
  const began = world.time.elapsed()
  for (let look = 0; ; look++) {
    await world.time.advance(LOOK_MS)
    await checkState(world, look % 10 === 9)
    doChores(world, look)
    const obstacle = await obstacleOf(world)
    if (obstacle === null) break
    if (world.time.elapsed() - began > PATIENCE_MS)
      throw new Violation(obstacle.rule, `${obstacle.what}, ${PATIENCE_MS / 1000} s after the last fault`)
  }
  world.hits.hit('virtual seconds to converge', Math.ceil((world.time.elapsed() - began) / 1000))
  world.say('all agree')
  await checkState(world, true)
  await checkAllDisks(world.devices)
  for (const device of world.devices) checkOutbox(device)
}

function endFaults(world: World): void {
  world.say('every fault ends')
  world.isRough = false
  while (world.openWrites.length > 0) endWrite(world, true)
  world.server.faults.rejectWhen(null)
  for (const device of world.devices) {
    Object.assign(device.line, { isCut: false, throttled: 0, isAuthorized: true })
    device.refusesRefresh = false
    device.isOffline = false
    device.disk.setQuota(Number.POSITIVE_INFINITY)
    // Written by a tab that died before it told the others: they find it when they read their disk again.
    if ([...device.orphans].some((id) => device.model.pending.has(id))) device.killAll()
    device.disk.failWrites(0, new Error('none') as never)
    for (const session of device.tabs) {
      if (session.isFrozen) thaw(session)
      session.runtime.connectivity.set(true)
      session.runtime.visibility.set(true)
    }
  }
}

/** What an application and its user do: open what is closed, sign in again, decide what is stuck. */
function doChores(world: World, look: number): void {
  for (const device of world.devices) {
    for (const session of device.tabs) if (isOver(session)) end(session)
    if (device.tabs.length === 0) device.openTab()
    for (const session of device.tabs) {
      const { db } = session
      if (db === null || !session.isReady) continue
      const { state, isLeader } = db.sync.status.getSnapshot()
      if (!isLeader) continue
      if (state === 'paused') command(session, 'syncNow', () => db.sync.now())
      if (look % 4 === 3) decide(session, look)
    }
  }
}

/** Closed, deleted under it, or never opened. */
function isOver(session: Session): boolean {
  return session.isBroken || session.db?.sync.status.getSnapshot().state === 'lost'
}

function decide(session: Session, look: number): void {
  const { db, device } = session
  for (const failed of db?.failed.list() ?? []) {
    const key = keyOf(failed.collection, failed.id)
    if (look % 8 === 3) command(session, `retry ${key}`, () => db?.failed.retry(failed))
    else {
      device.discarded.add(key)
      command(session, `discard ${key}`, () => db?.failed.discard(failed))
    }
  }
  for (const { collection, id, local } of db?.conflicts.list() ?? []) {
    const value = local === null ? null : asDocument({ ...local, id })
    command(session, `resolve ${collection}/${id}`, () => db?.conflicts.resolve({ collection, id, value }))
  }
}

type Obstacle = { readonly rule: string; readonly what: string }

/** What still keeps the history from its end; null: all agree, and every status says so. */
async function obstacleOf(world: World): Promise<Obstacle | null> {
  const expected = serverDigest(world)
  for (const device of world.devices) {
    const drafts = new Set<string>()
    for (const session of device.tabs) {
      const { db, name } = session
      if (db === null) return { rule: 'Q1', what: `${name} is not open` }
      const status = db.sync.status.getSnapshot()
      if (status.pending > 0 || status.failed > 0 || status.conflicts > 0)
        return {
          rule: 'Q3',
          what: `${name} has ${status.pending} pending, ${status.failed} failed, ${status.conflicts} in conflict; state ${status.state}`,
        }
      const seen = await digestOf(session, SYNCED)
      if (seen !== expected) return { rule: 'Q1', what: `${name} shows ${seen} and the server ${expected}` }
      drafts.add(await digestOf(session, ['drafts']))
      if (!status.isInSync || status.inFlight > 0 || status.error !== null)
        return { rule: 'Q7', what: `${name} agrees and says: ${JSON.stringify(status)}` }
    }
    if (drafts.size > 1) return { rule: 'Q1', what: `the tabs of ${device.name} differ` }
    const leaders = device.tabs.filter(({ db }) => db?.sync.status.getSnapshot().isLeader)
    if (leaders.length !== 1) return { rule: 'S12', what: `${leaders.length} tabs of ${device.name} lead` }
  }
  return null
}

async function digestOf({ db }: Session, names: readonly string[]): Promise<string> {
  const parts: Record<string, JsonValue> = {}
  for (const name of NAMES)
    if (names.includes(name))
      parts[name] = (await db?.[name].find({ orderBy: { id: 'asc' } })) as unknown as JsonValue
  return canonicalJson(parts)
}

function serverDigest({ server }: World): string {
  const parts: Record<string, JsonValue> = {}
  const versions = server.versions()
  for (const name of SYNCED) {
    parts[name] = versions
      .filter(({ collection, value }) => collection === name && value !== null)
      .map(({ value }) => value as JsonValue)
      .toSorted((a, b) => ((a as { id: string }).id < (b as { id: string }).id ? -1 : 1))
  }
  return canonicalJson(parts)
}

/** Nothing is left over on disk that no status counts. */
function checkOutbox({ model, name }: Device): void {
  const [left] = model.pending.values()
  if (left !== undefined)
    throw new Violation('Q3', `${left.mutation.id} is still pending on the disk of ${name}`)
}

/** A device that was not there reads everything, and sees the same. */
export async function checkNewcomer(world: World): Promise<void> {
  const device = new Device(world, 'newcomer', 0)
  world.devices.push(device)
  device.openTab()
  const began = world.time.elapsed()
  for (;;) {
    await world.time.advance(LOOK_MS)
    world.throwViolation()
    const obstacle = await obstacleOf(world)
    if (obstacle === null) break
    if (world.time.elapsed() - began > PATIENCE_MS) throw new Violation('Q4', obstacle.what)
  }
  world.hits.hit('newcomer agrees')
}

/** Every message that took effect comes once more, in its order: nothing changes. */
export async function checkReplay(world: World): Promise<void> {
  const before = serverDigest(world)
  const { signal } = new AbortController()
  for (const mutation of world.history.delivered) {
    if (!world.history.versions.has(mutation.id)) continue
    world.server.push('default', { mutations: [{ ...mutation }], replica: 'replay', signal })
  }
  if (serverDigest(world) !== before)
    throw new Violation('Q5', 'old messages that came again changed the server')
  world.hits.hit('replayed')
}

/** Opened again without a network, each device shows what it showed. */
export async function checkReopened(world: World): Promise<void> {
  for (const device of world.devices) {
    const [session] = device.tabs
    if (session === undefined) continue
    const before = await digestOf(session, NAMES)
    device.killAll()
    device.line.isCut = true
    const again = device.openTab()
    await world.time.advance(LOOK_MS)
    world.throwViolation()
    if (again.db === null || (await digestOf(again, NAMES)) !== before)
      throw new Violation('S9', `${device.name} shows something else after it was opened again`)
  }
  world.hits.hit('reopened')
}
