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
      { file: 'storage/storage.ts', find: 'fence: manifest.fence + 1', replace: 'fence: manifest.fence' },
    ],
    foundBy: 0,
  },
  {
    id: 'stale-leader',
    title: 'A new leader does not read what the one before committed last',
    patches: [
      {
        file: 'storage/storage.ts',
        find: 'const isCurrent = taken.text === before && before === this.state.manifestText && newer === undefined',
        replace: 'const isCurrent = newer === undefined || taken.text !== before',
      },
    ],
    foundBy: 0,
  },
  {
    id: 'reconciliation-not-begun-anew',
    title: 'Who takes over in the middle of a reconciliation goes on with what it did not meet itself',
    patches: [
      {
        file: 'storage/storage.ts',
        find: 'for (const collection of this.state.manifest.reconciling) this.state.beginReconciliation(collection)',
        replace: '',
      },
    ],
    foundBy: 0,
  },
  {
    id: 'missed-commit-ignored',
    title: 'A tab that missed a commit of the leader goes on without it',
    patches: [
      {
        file: 'storage/local-state.ts',
        find: "if (message.before !== this.manifestText || message.firstNo !== this.nextNo) return 'gap'",
        replace: "if (message.before !== this.manifestText) return 'taken'",
      },
    ],
    foundBy: 0,
  },
  {
    id: 'write-not-told',
    title: 'A tab does not tell the leader what it wrote',
    patches: [
      {
        file: 'storage/storage.ts',
        find: "    this.#options.channel.post({\n      kind: 'log',",
        replace: "    this.#options.channel.post({\n      kind: 'lag',",
      },
    ],
    foundBy: 0,
  },
  {
    id: 'lost-fence-not-seen',
    title: 'A tab that holds the lock and lost the fence goes on holding the lock',
    patches: [
      {
        file: 'engine/leadership.ts',
        find: 'if (this.#isLeader && !this.#events.holdsFence()) this.#lostFence.abort()\n      else ',
        replace: '',
      },
    ],
    foundBy: 0,
  },
  {
    id: 'command-not-repeated',
    title: 'A command to a leader that is gone is not asked of the next one',
    patches: [
      {
        file: 'engine/leader-calls.ts',
        find: '        return this.#runtime.setTimer(REPEAT_MS, () => {\n          cancel = send()\n        })',
        replace: '        return () => {}',
      },
    ],
    foundBy: 0,
  },
]
