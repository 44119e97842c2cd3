import type { LedgerEntry } from '../storage/ledger-entry.ts'
import type { Row } from '../storage/row.ts'
import { cutOf } from './cut.ts'
import { type BatchLimits, Load } from './load.ts'
import { type Prepared, type PrepareParts, prepare, type Send } from './prepare.ts'

export interface Batch {
  readonly sends: readonly Send[]
  /** What the ledger learns without asking the remote. */
  readonly entries: readonly LedgerEntry[]
  /** There is more in the queue that could be sent. */
  readonly hasMore: boolean
}

/**
 * Takes from the front of the queue what fits into one push. Mutations of one group come along
 * whole; where one of them is held, all are. Documents that groups link go as far as one push can
 * carry them; the rest follows.
 */
export function takeBatch(
  queue: Iterable<Row>,
  parts: PrepareParts & { now: number },
  limits: BatchLimits,
): Batch {
  const load = new Load(limits, parts.now)
  const entries: LedgerEntry[] = []
  const done = new Set<Row>()
  let groups: GroupIndex | null = null
  for (const row of queue) {
    if (done.has(row)) continue
    if (!isGrouped(row)) {
      const one = prepareAlone(row, parts)
      if (one.kind === 'settle') entries.push(one.entry)
      if (one.kind === 'send' && !load.add([one])) break
      continue
    }
    groups ??= indexGroups(parts.tables.queue)
    const members = membersOf(row, groups)
    for (const member of members) done.add(member)
    const prepared = prepareTogether(members, parts, limits)
    if (prepared.some(({ kind }) => kind === 'held')) continue
    for (const one of prepared) if (one.kind === 'settle') entries.push(one.entry)
    const sendable = unitOf(
      prepared.filter((one) => one.kind === 'send'),
      limits,
    )
    if (!load.add(sendable)) break
  }
  load.close()
  return { sends: load.sends, entries: [...entries, ...load.refused], hasMore: load.isFull }
}

function isGrouped({ pending }: Row): boolean {
  return pending?.mutations.some(({ group }) => group !== undefined) ?? false
}

/** A document that no group links to others goes as far as it is durable. */
function prepareAlone(row: Row, parts: PrepareParts): Prepared {
  if (row.pending === null || row.pending.frozen !== null) return prepare(row, parts)
  const upTo = cutOf([row], { isUnconfirmed: parts.isUnconfirmed, maxDocuments: 1 })
  return upTo === null ? { kind: 'held', row } : prepare(row, parts, { upTo })
}

/**
 * What is in flight goes first, exactly as it was: what was linked to it since goes after it, or
 * a group could be torn. Otherwise as much as is durable and fits. A document that is stuck holds
 * those that are linked to it.
 */
function prepareTogether(
  members: readonly Row[],
  parts: PrepareParts,
  { atomicGroups, maxBatch }: BatchLimits,
): Prepared[] {
  const isInFlight = ({ pending }: Row) => pending !== null && pending.frozen !== null
  if (members.some(isInFlight)) return members.filter(isInFlight).map((member) => prepare(member, parts))
  const maxDocuments =
    members.length === 1 || atomicGroups === 0 ? Number.POSITIVE_INFINITY : Math.min(atomicGroups, maxBatch)
  const upTo = cutOf(members, { isUnconfirmed: parts.isUnconfirmed, maxDocuments })
  if (upTo === null) return []
  const isBefore = ({ pending }: Row) => pending !== null && (pending.mutations[0]?.id ?? '') <= upTo
  return members.filter(isBefore).map((member) => prepare(member, parts, { upTo }))
}

/** Mutations that go together carry one group; where the remote has no groups, each goes by itself. */
function unitOf(sends: readonly Send[], limits: BatchLimits): Send[] {
  if (sends.length < 2 || limits.atomicGroups === 0) return sends.map(withoutGroup)
  const group = sends.find(({ sent }) => sent.group !== undefined)?.sent.group
  if (group === undefined) return [...sends]
  return sends.map((send) =>
    send.frozen || send.sent.group === group ? send : { ...send, sent: { ...send.sent, group } },
  )
}

function withoutGroup(send: Send): Send {
  if (send.frozen || send.sent.group === undefined) return send
  const { group: _group, ...sent } = send.sent
  return { ...send, sent }
}

type GroupIndex = ReadonlyMap<string, readonly Row[]>

function indexGroups(queue: Iterable<Row>): GroupIndex {
  const rowsByGroup = new Map<string, Row[]>()
  for (const row of queue) {
    for (const group of groupsOf(row)) {
      const rows = rowsByGroup.get(group)
      if (rows === undefined) rowsByGroup.set(group, [row])
      else rows.push(row)
    }
  }
  return rowsByGroup
}

/** All documents that share a group with `start`, directly or by way of others. */
function membersOf(start: Row, rowsByGroup: GroupIndex): Row[] {
  const members = new Set([start])
  for (const row of members) {
    for (const group of groupsOf(row)) for (const other of rowsByGroup.get(group) ?? []) members.add(other)
  }
  return [...members]
}

function groupsOf({ pending }: Row): Set<string> {
  const groups = new Set<string>()
  for (const { group } of pending?.mutations ?? []) if (group !== undefined) groups.add(group)
  return groups
}
