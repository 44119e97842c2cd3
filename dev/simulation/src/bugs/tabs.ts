import type { Bug } from './bug.ts'

/** Leadership, and what tabs tell each other. */
export const tabBugs: readonly Bug[] = [
  {
    id: 'commit-not-fenced',
    title: 'A commit does not expect the manifest that it knows',
    patches: [
      {
        file: 'storage/storage.ts',
        find: 'await this.#options.store.write(encoded.batch, { expect: { key: MANIFEST_KEY, value: manifestText } })',
        replace: 'await this.#options.store.write(encoded.batch)',
      },
    ],
    foundBy: 0,
  },
  {
    id: 'fence-not-raised',
    title: 'A new leader does not raise the fence',
    patches: [
      { file: 'storage/fence.ts', find: 'fence: manifest.fence + 1', replace: 'fence: manifest.fence' },
    ],
    foundBy: 0,
  },
  {
    id: 'fence-not-told',
    title: 'A tab does not tell the others that it took the fence',
    patches: [
      {
        file: 'storage/storage.ts',
        find: 'this.#tell(() => fenceMessage(taken, this.state.nextNo))',
        replace: 'void fenceMessage',
      },
    ],
    foundBy: 860,
  },
  {
    // No message is lost here, so there has to be something that was not told.
    id: 'missed-commit-ignored',
    title: 'A tab that missed a commit of the leader goes on without it',
    patches: [
      {
        file: 'storage/storage.ts',
        find: 'this.#tell(() => fenceMessage(taken, this.state.nextNo))',
        replace: 'void fenceMessage',
      },
      {
        file: 'storage/local-state.ts',
        find: "if (message.before !== this.manifestText || message.firstNo !== this.nextNo) return 'gap'",
        replace: "if (message.before !== this.manifestText) return 'taken'",
      },
    ],
    foundBy: 57,
  },
  {
    id: 'write-not-told',
    title: 'A tab does not tell the leader what it wrote',
    patches: [
      {
        file: 'storage/storage.ts',
        find: 'this.#tell(() => logMessage(records))',
        replace: 'void logMessage(records)',
      },
    ],
    foundBy: 7,
  },
]
