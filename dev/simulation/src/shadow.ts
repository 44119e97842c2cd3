import { jsonEquals, threeWay } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { projectWith, type Row, Storage } from './core.ts'
import type { Device } from './device.ts'
import { collections, deletesOf, isLocalOnly, keyOf } from './documents.ts'
import { DATABASE, type Session } from './session.ts'
import { Violation } from './violation.ts'

const project = projectWith((collection) => ({
  strategy: collections[collection as keyof typeof collections].options.conflict ?? threeWay(),
  deletes: deletesOf(collection),
}))

const silent = { post: () => {}, subscribe: () => () => {}, close: () => {} }

/** Reads the disk as a tab would that is opened now; null if nothing was ever written. */
async function readDisk(device: Device): Promise<Storage | null> {
  if (device.model.manifest === null) return null
  const store = memoryStore({ disk: device.disk })
  await store.open(DATABASE)
  try {
    const storage = await Storage.open({
      store,
      runtime: { setTimer: () => () => {}, monotonic: () => 0 },
      writer: 'checker',
      newReplica: '',
      user: null,
      project,
      channel: silent,
      clock: () => '',
      onReplica: () => {},
      onHlc: () => {},
      onLedger: () => {},
      onError: (error) => {
        throw error
      },
    })
    await storage.ready
    return storage
  } finally {
    await store.close()
  }
}

/** What is on disk is what its batches add up to, and what each tab has in memory is what is on disk. */
export async function checkDisk(device: Device, sessions: readonly Session[]): Promise<void> {
  const seen = `${device.model.version} ${sessions.map(({ name, changes }) => `${name}:${changes}`)}`
  if (device.checkedDisk === seen) return
  const shadow = await readDisk(device)
  if (shadow === null) return
  checkOutbox(device, shadow)
  for (const session of sessions) if (session.storage !== null) compare(session, session.storage, shadow)
  device.checkedDisk = seen
}

function checkOutbox(device: Device, shadow: Storage): void {
  const onDisk = new Set<string>()
  for (const row of shadow.tables.queue) for (const { id } of row.pending?.mutations ?? []) onDisk.add(id)
  for (const [id, { mutation }] of device.model.pending) {
    if (!onDisk.has(id))
      throw new Violation(
        'S1',
        `${mutation.collection}/${mutation.documentId}: ${id} is lost from the disk of ${device.name}`,
      )
  }
  for (const id of onDisk)
    if (!device.model.pending.has(id))
      throw new Violation('S2', `${id} is pending again on the disk of ${device.name}`)
}

function compare(session: Session, storage: Storage, shadow: Storage): void {
  if (storage.manifest.generation !== shadow.manifest.generation)
    throw new Violation('S7', `${session.name} does not know the manifest that is on disk`)
  const keys = new Map<string, readonly [string, string]>()
  for (const { collection, id } of [...storage.tables.rows(), ...shadow.tables.rows()])
    keys.set(keyOf(collection, id), [collection, id])
  for (const [key, [collection, id]] of keys) {
    const here = storage.tables.get(collection, id)
    const there = shadow.tables.get(collection, id)
    if (there?.pending?.mutations.some((mutation) => session.device.orphans.has(mutation.id))) continue
    const difference = differenceOf(here, there, (mutation) => session.device.hasty.has(mutation))
    if (difference !== null)
      throw new Violation('S7', `${key}: ${difference} in ${session.name} is not what is on disk`)
    if (there?.pending?.standsOn.kind === 'lost' || isElsewhere(here) || isElsewhere(there)) continue
    const view = storage.tables.view(collection, id) ?? null
    if (!jsonEquals(view, shadow.tables.view(collection, id) ?? null) && !isLocalOnly(collection))
      throw new Violation('S8', `${key}: the view in ${session.name} is not what is on disk`)
  }
}

/** What of a row differs; a document that is not there equals one that nothing is known of. */
function differenceOf(
  here: Row | undefined,
  there: Row | undefined,
  isHasty: (mutationId: string) => boolean,
): string | null {
  // A compacted tombstone may live on in a tab that follows: nobody sees the difference.
  if (there === undefined && here?.content === null && here.pending === null) return null
  if ((here?.rev ?? '') !== (there?.rev ?? ''))
    return `the base (${here?.rev ?? 'none'} at ${here?.at}, not ${there?.rev ?? 'none'} at ${there?.at})`
  if (!isElsewhere(here) && !isElsewhere(there) && !jsonEquals(here?.value ?? null, there?.value ?? null))
    return 'the value of the base'
  if ((here?.at ?? 0) !== (there?.at ?? 0)) return 'the record of the base'
  const a = here?.pending ?? null
  const b = there?.pending ?? null
  if (a === null || b === null) return a === b ? null : 'what is pending'
  if (a.mutations.map(({ id }) => id).join() !== b.mutations.map(({ id }) => id).join())
    return `what is pending (${a.mutations.map(({ id }) => id)}, not ${b.mutations.map(({ id }) => id)})`
  if ((a.frozen?.sent.id ?? '') !== (b.frozen?.sent.id ?? '')) return 'what is in flight'
  if ((a.failure === null) !== (b.failure === null)) return 'what failed'
  if (b.standsOn.kind === 'lost' && a.mutations.some(({ id }) => isHasty(id))) return null
  const [ours, theirs] = [groundOf(a.standsOn, here), groundOf(b.standsOn, there)]
  return ours === theirs
    ? null
    : `the ground (${ours}, not ${theirs}; made on ${a.mutations.map(({ base }) => base)} of ${here?.rev})`
}

/** To stand on the base of a document that has none is to stand on nothing. */
function groundOf(standsOn: NonNullable<Row['pending']>['standsOn'], row: Row | undefined): string {
  if (standsOn.kind === 'version') return `version ${standsOn.version?.rev ?? 'none'}`
  return standsOn.kind === 'base' && (row?.rev ?? '') === '' ? 'version none' : standsOn.kind
}

/** Its document is on disk only. */
function isElsewhere(row: Row | undefined): boolean {
  return typeof row?.content === 'symbol'
}
