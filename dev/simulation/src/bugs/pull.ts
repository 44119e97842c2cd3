import type { Bug } from './bug.ts'

/** From the feed to the documents: pull, merge, reconcile. */
export const pullBugs: readonly Bug[] = [
  {
    id: 'checkpoint-before-documents',
    title: 'The checkpoint is committed before the documents',
    patches: [
      {
        file: 'apply/apply-page.ts',
        find: 'if (planned !== null) await storage.commit(planned)',
        replace:
          'if (planned !== null) { const { manifest, ...rest } = planned; await storage.commit({ manifest }); await storage.commit(rest) }',
      },
    ],
    foundBy: 5,
  },
  {
    id: 'older-is-news',
    title: 'A change from the feed replaces a newer version',
    patches: [
      {
        file: 'merge/plan-page.ts',
        find: "return row.confirmed < era || change.hlc > row.hlc ? 'news' : 'known'",
        replace: "return 'news'",
      },
    ],
    foundBy: 1,
  },
  {
    id: 'rewound-is-known',
    title: 'After a restore, a version older than ours is taken for known',
    patches: [
      {
        file: 'merge/plan-page.ts',
        find: "return row.confirmed < era || change.hlc > row.hlc ? 'news' : 'known'",
        replace: "return change.hlc > row.hlc ? 'news' : 'known'",
      },
    ],
    foundBy: 21,
  },
  {
    id: 'older-of-a-page-counts',
    title: 'Of several versions of a document in one page, the older ones are looked at too',
    patches: [
      {
        file: 'merge/plan-page.ts',
        find: 'if (met.has(row)) rows[i] = null',
        replace: 'if (met.has(row)) continue',
      },
    ],
    foundBy: 21,
  },
  {
    id: 'greater-for-greater-or-equal',
    title: 'At the end of a reconciliation, what was met in it is taken for gone (> for >=)',
    patches: [
      {
        file: 'merge/reconcile.ts',
        find: "if (row.rev === '' || row.confirmed >= era) continue",
        replace: "if (row.rev === '' || row.confirmed > era) continue",
      },
    ],
    foundBy: 2,
  },
  {
    id: 'own-value-missing',
    title: 'An own change that comes without its value, and is not known, is passed over',
    patches: [
      {
        file: 'merge/plan-page.ts',
        find: "if (kind === 'value missing') unreadable.add(change.collection)",
        replace: '',
      },
    ],
    foundBy: 68,
  },
  {
    id: 'pull-keeps-no-ground',
    title: 'When a pull moves the base, the disk does not know what pending changes were made on',
    patches: [
      {
        file: 'merge/plan-page.ts',
        find: 'else if (row !== undefined) ledger.push(...keptGround(row))',
        replace: '',
      },
    ],
    foundBy: 10,
  },
  {
    id: 'rebase-drops-field',
    title: 'A merge drops the fields that only the local side has',
    patches: [
      {
        file: 'merge/three-way.ts',
        find: '...Object.keys(remote), ...Object.keys(local), ...Object.keys(base)',
        replace: '...Object.keys(remote), ...Object.keys(base)',
      },
    ],
    foundBy: 1,
  },
  {
    id: 'rebase-takes-remote',
    title: 'A merge takes the side of the server where only the local one changed',
    patches: [
      {
        file: 'merge/three-way.ts',
        find: "return this.#decide(path, 'local', 'only local changed', local)",
        replace: "return this.#decide(path, 'remote', 'only local changed', remote)",
      },
    ],
    foundBy: 1,
  },
  {
    id: 'edit-revives-deleted',
    title: 'An edit brings back a document that was deleted elsewhere',
    patches: [
      {
        file: 'merge/settle.ts',
        find: "if (deletes === 'deleteWins') return whole(null, deleter, 'delete wins')",
        replace:
          "if (deletes === 'deleteWins') return whole(local.value ?? remote.value, editor, 'edit wins')",
      },
    ],
    foundBy: 21,
  },
  {
    id: 'resolution-lost',
    title: 'What a person made of a conflict is not kept',
    patches: [
      {
        file: 'engine/commands.ts',
        find: "return [settled, { kind: 'carried', ...located, mutation }]",
        replace: 'return mutation === null ? [] : [settled]',
      },
    ],
    foundBy: 201,
  },
  {
    id: 'resolved-in-flight',
    title: 'A conflict can be settled while its change is in flight',
    patches: [
      {
        file: 'engine/commands.ts',
        find: '    if (pending.frozen !== null) throw inFlight()\n    if (openReason',
        replace: '    if (openReason',
      },
      {
        file: 'engine/commands.ts',
        find: 'if (row.pending === null || row.pending.frozen !== null) return null',
        replace: 'if (row.pending === null) return null',
      },
    ],
    foundBy: 394,
  },
]
