import type { Bug } from './bug.ts'

/** The log on disk: opening, folding, compaction. */
export const storageBugs: readonly Bug[] = [
  {
    id: 'dedupe-skipped',
    title: 'A mutation that is heard of twice counts twice',
    patches: [
      {
        file: 'storage/row.ts',
        find: '  if (at > 0 && (mutations[at - 1] as Mutation).id === mutation.id) return false\n',
        replace: '',
      },
    ],
    foundBy: 116,
  },
  {
    id: 'full-slice-is-last',
    title: 'At opening, a full slice of records is taken for the last one (<= for <)',
    patches: [
      {
        file: 'storage/head.ts',
        find: 'entries.length < SLICE_RECORDS',
        replace: 'entries.length <= SLICE_RECORDS',
      },
    ],
    foundBy: 1,
  },
  {
    id: 'gone-is-pending',
    title: 'At opening, log records of settled mutations are pending again',
    patches: [
      {
        file: 'storage/local-state.ts',
        find: 'mutations.filter(({ id }) => !gone.has(id))',
        replace: 'mutations',
      },
    ],
    foundBy: 2,
  },
  {
    id: 'fold-keeps-a-record',
    title: 'Folding leaves the last log record that it folded',
    patches: [
      { file: 'storage/keys.ts', find: 'to: logKey(writer, seq + 1)', replace: 'to: logKey(writer, seq)' },
    ],
    foundBy: 0,
  },
  {
    id: 'fold-carries-nothing',
    title: 'Folding removes the log record of a stuck mutation, and does not carry the mutation',
    patches: [
      {
        file: 'storage/fold.ts',
        find: 'if (inLogs.has(mutation.id) || isUnconfirmed(mutation.id)) continue',
        replace: 'if (mutation.id !== null) continue',
      },
    ],
    foundBy: 116,
  },
  {
    id: 'fold-forgets-ground',
    title: 'Folding forgets what pending changes stand on',
    patches: [
      {
        file: 'storage/fold.ts',
        find: "if (standsOn.kind === 'version') yield",
        replace: "if (standsOn.kind === '') yield",
      },
    ],
    foundBy: 120,
  },
  {
    id: 'fold-forgets-flight',
    title: 'Folding forgets what is in flight',
    patches: [
      { file: 'storage/fold.ts', find: 'if (frozen !== null) yield', replace: 'if (frozen === 0) yield' },
    ],
    foundBy: 2,
  },
  {
    id: 'fold-forgets-failure',
    title: 'Folding forgets what the server refused',
    patches: [
      { file: 'storage/fold.ts', find: 'if (failure !== null) yield', replace: 'if (failure === 0) yield' },
    ],
    foundBy: 116,
  },
  {
    id: 'fold-forgets-forgotten',
    title: 'Folding forgets that a document is gone, which an older page still holds',
    patches: [
      {
        file: 'storage/fold.ts',
        find: 'const ledger: LedgerEntry[] = [...stillForgotten(state)]',
        replace: 'const ledger: LedgerEntry[] = []',
      },
    ],
    foundBy: 245,
  },
  {
    id: 'tombstone-not-read',
    title: 'At opening, the tombstones in pages are passed over',
    patches: [
      {
        file: 'storage/local-state.ts',
        find: 'for (const version of versions) this.#setBase(version, no)',
        replace: 'for (const version of versions) if (version.value) this.#setBase(version, no)',
      },
    ],
    foundBy: 8,
  },
  {
    id: 'tombstone-forgotten',
    title: 'Compaction begins with the newest page, and drops tombstones that older pages need',
    patches: [
      {
        file: 'storage/compact.ts',
        find: 'const [oldest] = pages\n',
        replace: 'const oldest = pages.at(-1)\n',
      },
    ],
    foundBy: 1,
  },
  {
    id: 'compaction-drops-live',
    title: 'Compaction removes a page and does not move what is live in it',
    patches: [
      {
        file: 'storage/compact.ts',
        find: 'moved: versions.filter((version) => !isOver(version)),',
        replace: 'moved: versions.filter((version) => isOver(version)),',
      },
    ],
    foundBy: 1,
  },
]
