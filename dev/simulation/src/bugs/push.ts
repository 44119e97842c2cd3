import type { Bug } from './bug.ts'

/** From the outbox to the server, and back with its answer. */
export const pushBugs: readonly Bug[] = [
  {
    id: 'in-flight-coalesced',
    title: 'What is in flight is coalesced with what was written since',
    patches: [
      { file: 'push/prepare.ts', find: 'if (pending.frozen !== null)', replace: 'if (pending === null)' },
      {
        file: 'push/batch.ts',
        find: 'if (members.some(isInFlight)) return',
        replace: 'if (members.length < 0) return',
      },
    ],
    foundBy: 3,
  },
  {
    id: 'sent-before-frozen',
    title: 'A push is sent before the disk knows of it',
    patches: [
      {
        file: 'push/push-lane.ts',
        find: 'if (ledger.length > 0) await this.#parts.storage.commit({ ledger })',
        replace: 'if (ledger.length > 0) void this.#parts.storage.commit({ ledger })',
      },
    ],
    foundBy: 1,
  },
  {
    id: 'sent-before-durable',
    title: 'A write is sent before it is durable',
    patches: [
      {
        file: 'push/cut.ts',
        find: 'const end = mutations.findIndex(({ id }) => isUnconfirmed(id))',
        replace: 'const end = -1',
      },
      {
        file: 'push/prepare.ts',
        find: ' || mutations.some((m) => parts.isUnconfirmed(m.id))',
        replace: '',
      },
    ],
    foundBy: 134,
  },
  {
    id: 'acknowledged-by-document',
    title: 'An acknowledgement settles the document, not the mutations that were sent',
    patches: [
      {
        file: 'push/settle.ts',
        find: "    ids: send.ids,\n    how: 'applied',",
        replace: "    ids: (pending?.mutations ?? []).map(({ id }) => id),\n    how: 'applied',",
      },
    ],
    foundBy: 8,
  },
  {
    id: 'base-goes-back-on-answer',
    title: 'The answer of a push replaces a newer base that a pull brought',
    patches: [
      { file: 'push/settle.ts', find: 'isNews: outcome.hlc > send.row.hlc', replace: 'isNews: true' },
      { file: 'storage/apply-ledger.ts', find: 'if (row.at < no) this', replace: 'this' },
    ],
    foundBy: 1,
  },
  {
    id: 'conflict-keeps-no-ground',
    title: 'After a conflict the disk does not know what the change was made on',
    patches: [
      {
        file: 'push/settle.ts',
        find: "row.pending?.standsOn.kind === 'base' ? [{ kind: 'stands'",
        replace: "row.pending === null ? [{ kind: 'stands'",
      },
    ],
    foundBy: 50,
  },
  {
    id: 'rejected-is-dropped',
    title: 'A mutation that the server refused is taken for settled',
    patches: [
      {
        file: 'push/settle.ts',
        find: "ledger.push({ kind: 'failed', ...located(send), ids: send.ids, failure: failureOf(outcome, parts.now) })",
        replace: "ledger.push({ kind: 'settled', ...located(send), ids: send.ids, how: 'overruled' })",
      },
    ],
    foundBy: 44,
  },
  {
    id: 'dead-letter-resent',
    title: 'A dead letter is sent again though nobody decided so',
    patches: [
      {
        file: 'push/prepare.ts',
        find: 'return failure?.ids.includes(last.id) ?? false',
        replace: 'return failure?.ids.includes(last.hlc) ?? false',
      },
    ],
    foundBy: 33,
  },
  {
    id: 'conflict-keeps-its-id',
    title: 'What comes back as a conflict is sent as something else under the same id',
    patches: [{ file: 'push/prepare.ts', find: 'id: pending.nextId ?? last.id', replace: 'id: last.id' }],
    foundBy: 1,
  },
  {
    id: 'refused-keeps-its-id',
    title: 'What was refused is sent as something else under the same id',
    patches: [
      {
        file: 'push/settle.ts',
        find: "      ledger.push(underAnotherId(send, parts))\n      ledger.push({ kind: 'failed'",
        replace: "      ledger.push({ kind: 'failed'",
      },
    ],
    foundBy: 33,
  },
  {
    id: 'group-not-thawed',
    title: 'Of a transaction that met a conflict, only the document in conflict is taken back',
    patches: [
      {
        file: 'push/settle.ts',
        find: 'if (undone.has(send.sent.group)) ledger.push(underAnotherId(send, parts))',
        replace: '',
      },
    ],
    foundBy: 4,
  },
  {
    id: 'group-torn',
    title: 'A transaction is sent without its other documents',
    patches: [
      {
        file: 'push/batch.ts',
        find: 'const members = membersOf(row, groups)',
        replace: 'const members = [row]',
      },
    ],
    foundBy: 10,
  },
  {
    id: 'removed-field-not-named',
    title: 'A push does not name the fields that were removed',
    patches: [
      {
        file: 'push/prepare.ts',
        find: 'new Set([...Object.keys(before), ...Object.keys(after)])',
        replace: 'new Set(Object.keys(after))',
      },
    ],
    foundBy: 0,
  },
  {
    id: 'drafts-are-sent',
    title: 'A collection that stays on the device is sent',
    patches: [
      {
        file: 'push/prepare.ts',
        find: 'if (parts.isLocalOnly(collection)) {',
        replace: "if (collection === '') {",
      },
    ],
    foundBy: 0,
  },
]
