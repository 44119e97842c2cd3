import { applyChange, type Document, jsonEquals } from '@holdfast/core'
import type { Row, Storage, StoredDocument } from './core.ts'
import type { Device } from './device.ts'
import { isLocalOnly, keyOf } from './documents.ts'
import type { Session } from './session.ts'
import { checkDisk } from './shadow.ts'
import { Violation } from './violation.ts'
import { rejectionsTold, type World } from './world.ts'

const MAX_TIMERS = 600

/** The invariants that must hold between any two steps. Disks are read anew only where `readsDisks`. */
export async function checkState(world: World, readsDisks: boolean): Promise<void> {
  await rejectionsTold()
  world.throwViolation()
  if (world.time.pending() > MAX_TIMERS)
    throw new Violation('S13', `${world.time.pending()} timers are waiting`)
  const feed = world.server.versions() as StoredDocument[]
  for (const device of world.devices) {
    for (const session of device.tabs) {
      const seen = `${session.changes} ${world.history.stamp}`
      if (session.storage !== null && session.checkedRows !== seen) {
        checkRows(session, session.storage)
        // A list that was closed is whatever its holder still holds: here nobody does, and it may be collected.
        if (!session.isBroken) session.lists?.check(session.name)
      }
      session.checkedRows = seen
    }
    const leader = device.fenceHolder
    const isSettled = leader?.storage != null && leader.isReady && device.tabs.every(({ isQuiet }) => isQuiet)
    if (isSettled && leader.storage !== null) checkCheckpoints(world, leader.storage, feed)
    if (readsDisks) await checkDisk(device, isSettled && leader.storage?.isLeader ? [leader] : [])
  }
  world.throwViolation()
}

function checkRows({ name, device }: Session, { tables }: Storage): void {
  const { history } = device.world
  for (const row of tables.rows()) {
    const { collection, id } = row
    const key = keyOf(collection, id)
    const version = history.versions.get(row.rev)
    const isElsewhere = typeof row.content === 'symbol'
    if (
      version !== undefined &&
      !isElsewhere &&
      !version.values.some((value) => jsonEquals(value, row.value))
    )
      throw new Violation(
        'S6',
        `${key} in ${name}: revision ${row.rev} is not what the server holds under it`,
      )
    if (version === undefined && row.rev !== '' && !isLocalOnly(collection))
      throw new Violation('S6', `${key} in ${name}: the server never held revision ${row.rev}`)
    if (row.pending?.standsOn.kind === 'base') checkView(row, { key, name, view: tables.viewOf(row) })
  }
}

/** Without a conflict the view is the base with the pending mutations applied, worked out anew. */
function checkView(row: Row, of: { key: string; name: string; view: Document | null }): void {
  let value = row.value
  for (const { change } of row.pending?.mutations ?? []) value = applyChange(value, change)
  if (!jsonEquals(value, of.view))
    throw new Violation('S8', `${of.key} in ${of.name}: the view is not the base with what is pending`)
}

/** Everything up to a stored checkpoint is here. */
function checkCheckpoints(world: World, storage: Storage, feed: readonly StoredDocument[]): void {
  const { origin, checkpoints, reconciling } = storage.manifest
  if (origin === null || origin.epoch !== world.epoch) return
  for (const document of feed) {
    const { collection, id, rev, seq, value } = document
    const checkpoint = checkpoints[collection]
    if (checkpoint === undefined || reconciling.includes(collection) || seq > Number.parseInt(checkpoint, 10))
      continue
    const row = storage.tables.get(collection, id)
    if (row?.rev === rev || row?.pending?.frozen?.sent.id === rev) continue
    if (value === null && (row === undefined || row.rev === '')) continue
    throw new Violation(
      'S6',
      `${keyOf(collection, id)}: ${storage.manifest.replica} is past ${rev} and has ${row?.rev || 'nothing'} (pending ${row?.pending?.mutations.map((m) => m.id)}, in flight ${row?.pending?.frozen?.sent.id})`,
    )
  }
}

/** For the end: a device's tabs agree with its disk. */
export async function checkAllDisks(devices: readonly Device[]): Promise<void> {
  for (const device of devices) await checkDisk(device, device.tabs)
}
