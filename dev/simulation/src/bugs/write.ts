import type { Bug } from './bug.ts'

/** From the application's call to the log. */
export const writeBugs: readonly Bug[] = [
  {
    id: 'acknowledged-early',
    title: 'A write is acknowledged before the store has it',
    patches: [
      {
        file: 'outbox/outbox.ts',
        find: 'await this.#storage.append(',
        replace: 'void this.#storage.append(',
      },
    ],
    foundBy: 0,
  },
  {
    id: 'failed-write-stays',
    title: 'A write that the store refused is still shown',
    patches: [{ file: 'storage/storage.ts', find: '      this.#takeBack(mutations)\n', replace: '' }],
    foundBy: 0,
  },
  {
    id: 'log-record-overwritten',
    title: 'A log record takes the number of the one before',
    patches: [
      {
        file: 'storage/log-writer.ts',
        find: 'const seq = this.#seq + 1 + records.length',
        replace: 'const seq = Math.max(1, this.#seq + records.length)',
      },
    ],
    foundBy: 0,
  },
  {
    id: 'run-of-one-stamp',
    title: 'The documents of a bulk insert are read back with the stamp of the first',
    patches: [{ file: 'model/run.ts', find: 'counter: counter + n }', replace: 'counter }' }],
    foundBy: 0,
  },
  {
    id: 'strict-made-relaxed',
    title: 'A strict write that is committed with relaxed ones becomes relaxed',
    patches: [
      {
        file: 'storage/log-writer.ts',
        find: "group.some(({ durability }) => durability === 'strict')",
        replace: "group.every(({ durability }) => durability === 'strict')",
      },
    ],
    foundBy: 1,
  },
  {
    id: 'group-forgotten',
    title: 'The log does not keep which writes are one transaction',
    patches: [
      {
        file: 'storage/records.ts',
        find: 'return group === undefined ? mutation : { ...mutation, group }\n    }),',
        replace: 'return mutation\n    }),',
      },
    ],
    foundBy: 65,
  },
  {
    id: 'clock-not-persisted',
    title: 'The clock is not stored, and starts anew from the time of day',
    patches: [
      { file: 'storage/local-state.ts', find: '    this.#onHlc(version.hlc)\n', replace: '' },
      { file: 'storage/local-state.ts', find: '      this.#onHlc(mutation.hlc)\n', replace: '' },
      {
        file: 'storage/commit.ts',
        find: 'hlc: latestOf(current.hlc, manifest.hlc)',
        replace: 'hlc: manifest.hlc',
      },
    ],
    foundBy: 65,
  },
  {
    id: 'clock-not-shown-the-log',
    title: 'After a restart the clock does not know the timestamps in the log',
    patches: [{ file: 'storage/local-state.ts', find: '      this.#onHlc(mutation.hlc)\n', replace: '' }],
    foundBy: 24,
  },
  {
    id: 'clock-not-after-document',
    title: 'A write is not stamped after the version that it changes',
    patches: [
      {
        file: 'write/draft.ts',
        find: 'clock.tick(row && floorOf(row, place.last ?? undefined))',
        replace: 'clock.tick()',
      },
      {
        file: 'push/prepare.ts',
        find: 'last.hlc > row.hlc ? last.hlc : successorOf(row.hlc, parts.replica)',
        replace: 'last.hlc',
      },
    ],
    foundBy: 4,
  },
]
