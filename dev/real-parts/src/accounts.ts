import type { Book, Write } from './book.ts'
import { FOREIGN } from './book.ts'
import type { CollectionName, Note, PastVersion } from './site.ts'
import { isSame } from './user.ts'

interface Evidence {
  readonly book: Book
  readonly history: readonly PastVersion[]
  readonly documents: Readonly<Record<CollectionName, readonly Note[]>>
}

/** What the server's history does not explain; empty if every write is accounted for. */
export function faultsOf(evidence: Evidence): string[] {
  const { book, history } = evidence
  const versionsByKey = Map.groupBy(history, ({ collection, id }) => `${collection}/${id}`)
  const writesByKey = Map.groupBy(book.writes, ({ collection, id }) => `${collection}/${id}`)
  const faults = repeated(history)
  for (const [key, versions] of versionsByKey) {
    const found = [
      ...orderFaults(key, versions, evidence),
      ...inventions(versions, writesByKey.get(key) ?? []),
    ]
    if (found.length > 0) faults.push(...found, story(key, versions, writesByKey.get(key) ?? [], book))
  }
  for (const [key, writes] of writesByKey) {
    const versions = versionsByKey.get(key) ?? []
    const lost = writes.filter((write) => !isAccounted(write, { versions, writes, book }))
    for (const write of lost) faults.push(`lost without a trace: ${JSON.stringify(write)}`)
    if (lost.length > 0) faults.push(story(key, versions, writes, book))
  }
  return faults
}

/** One mutation makes one version. */
function repeated(history: readonly PastVersion[]): string[] {
  return [...Map.groupBy(history, ({ rev }) => rev)]
    .filter(([, versions]) => versions.length > 1)
    .map(([rev, versions]) => `took effect ${versions.length} times: ${rev} of ${versions[0]?.id}`)
}

/** HLCs grow along a document's versions, and the last version is what stands. */
function orderFaults(key: string, versions: readonly PastVersion[], { documents }: Evidence): string[] {
  const faults: string[] = []
  for (const [i, version] of versions.entries()) {
    const before = versions[i - 1]
    if (before !== undefined && before.hlc >= version.hlc) faults.push(`${key}: ${version.rev} is not later`)
  }
  const last = versions.at(-1)
  const stands = documents[last?.collection as CollectionName].find(({ id }) => id === last?.id) ?? null
  if (!isSame(stands, last?.value ?? null)) faults.push(`${key}: what stands is not the last version`)
  return faults
}

/** Every value that ever stood in a field was written into that field by someone. */
function inventions(versions: readonly PastVersion[], writes: readonly Write[]): string[] {
  return versions.flatMap(({ id, rev, value }) =>
    Object.entries(value ?? {})
      .filter(
        ([field, found]) => field !== 'id' && !writes.some(({ fields }) => own(fields, field) === found),
      )
      .map(([field]) => `${id}: nobody wrote what stands in ${field} of ${rev}`),
  )
}

/** All that happened to one document. */
interface Trail {
  readonly versions: readonly PastVersion[]
  readonly writes: readonly Write[]
  readonly book: Book
}

function isAccounted(write: Write, trail: Trail): boolean {
  if (write.client === FOREIGN || !write.isAcknowledged) return true
  const mine = trail.writes.filter(({ client }) => client === write.client)
  const at = mine.indexOf(write)
  const next = mine.slice(at + 1).filter(({ isAcknowledged }) => isAcknowledged)
  if (write.kind === 'delete') {
    return (
      next.length > 0 ||
      isDeleteAccounted(write, trail) ||
      !isKnown(sinceDeleted(mine.slice(0, at + 1)), trail)
    )
  }
  return Object.entries(write.fields).every(
    ([field, value]) =>
      stood(field, value, trail) ||
      next.some(({ kind, fields }) => kind !== 'update' || own(fields, field) !== undefined) ||
      lostByRule(write, field, trail),
  )
}

function stood(field: string, value: unknown, { versions }: Trail): boolean {
  return versions.some((version) => own(version.value, field) === value)
}

/** The last of `mine` and what led to it, from the last time that the client had deleted the document before. */
function sinceDeleted(mine: readonly Write[]): readonly Write[] {
  const before = mine
    .slice(0, -1)
    .findLastIndex(({ kind, isAcknowledged }) => kind === 'delete' && isAcknowledged)
  return mine.slice(before + 1)
}

/**
 * The client had seen the server's document when it made the last of `mine`. Otherwise it deleted
 * what it alone had created and not sent yet, which is to have done nothing.
 */
function isKnown(mine: readonly Write[], trail: Trail): boolean {
  return mine.some(({ seen }) =>
    Object.entries(seen ?? {}).some(([field, value]) => field !== 'id' && stood(field, value, trail)),
  )
}

/** Someone else's version is newer and has another value there, or someone else deleted the document. */
function lostByRule(write: Write, field: string, { versions, book }: Trail): boolean {
  return versions.some((version) => {
    if (isOf(write.client, version, book)) return false
    if (version.value === null) return write.collection === 'notes'
    return wallOf(version) >= write.since && own(version.value, field) !== own(write.fields, field)
  })
}

/** Gone by this write or by someone else's; or, where edits win, someone edited it. */
function isDeleteAccounted(write: Write, { versions, book }: Trail): boolean {
  return versions.some((version) => {
    const isOwn = isOf(write.client, version, book)
    if (version.value === null) return !isOwn || wallOf(version) >= write.since
    return write.collection === 'tasks' && !isOwn
  })
}

function isOf(client: number, { hlc }: PastVersion, book: Book): boolean {
  return book.clientByReplica.get(hlc.slice(18)) === client
}

function wallOf({ hlc }: PastVersion): number {
  return Number.parseInt(hlc.slice(0, 12), 16)
}

function own(object: object | null, field: string): unknown {
  return object !== null && Object.hasOwn(object, field)
    ? (object as Record<string, unknown>)[field]
    : undefined
}

/** One document's history and its writes, for whoever reads the failure. */
function story(key: string, versions: readonly PastVersion[], writes: readonly Write[], book: Book): string {
  const who = ({ hlc }: PastVersion) => book.clientByReplica.get(hlc.slice(18)) ?? 'foreign'
  return [
    `  ${key} at the server:`,
    ...versions.map(
      (version) =>
        `    ${wallOf(version)} by ${who(version)} ${version.rev} ${JSON.stringify(version.value)}`,
    ),
    '  as it was written:',
    ...writes.map(
      ({ client, kind, since, fields, isAcknowledged }) =>
        `    ${since} by ${client} ${kind} ${JSON.stringify(fields)}${isAcknowledged ? '' : ' (not acknowledged)'}`,
    ),
  ].join('\n')
}
