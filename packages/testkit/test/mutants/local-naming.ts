import { posix } from 'node:path'
import { HoldfastError, type LocalStore } from '@holdfast/core'
import type { LikelyMutant } from './mutant.ts'

/** A store that makes another name of the one that it is given. */
const onName =
  (change: (name: string) => string) =>
  (store: LocalStore): Partial<LocalStore> => ({
    open: (name, events) => store.open(change(name), events),
    destroy: (name) => store.destroy(change(name)),
  })

const unavailable = () =>
  new HoldfastError('store_unavailable', 'The name is too long. Nothing was opened. Take a shorter one.')

const holders = new Map<string, LocalStore>()

const isOpen = (store: LocalStore): Promise<boolean> =>
  store.getMany([]).then(
    () => true,
    () => false,
  )

const locked = () =>
  new HoldfastError('store_locked', 'The database is open elsewhere. Nothing was opened. Close it there.')

/** What names do to who takes them for something else, and what becomes of an object that was closed. */
export const naming: readonly LikelyMutant<LocalStore>[] = [
  {
    caughtBy: 'names-odd',
    fault: 'resolves the name as a path',
    says: /no path is resolved/,
    mutate: onName((name) => posix.normalize(name)),
  },
  {
    caughtBy: 'names-odd',
    fault: 'ends the name at U+0000',
    says: /nothing normalised, trimmed or cut/,
    mutate: onName((name) => name.replace(/\0.*$/s, '')),
  },
  {
    caughtBy: 'names-alike',
    fault: 'has a file system without upper and lower case',
    says: /no case folded/,
    mutate: onName((name) => name.toLowerCase()),
  },
  {
    caughtBy: 'names-alike',
    fault: 'normalises names',
    says: /nothing normalised/,
    mutate: onName((name) => name.normalize()),
  },
  {
    caughtBy: 'names-alike',
    fault: 'decodes what is not encoded',
    says: /are two databases/,
    mutate: onName((name) => name.replaceAll(/%2f/gi, '/')),
  },
  {
    caughtBy: 'names-long',
    fault: 'cuts long names',
    says: /trimmed or cut/,
    mutate: onName((name) => name.slice(0, 200)),
  },
  {
    caughtBy: 'names-long',
    fault: 'takes no name that is longer than that of a file',
    says: /put a hash in place/,
    mutate: (store) => ({
      async open(name, events) {
        if (encodeURIComponent(name).length > 248) throw unavailable()
        await store.open(name, events)
      },
    }),
  },
  {
    caughtBy: 'open-elsewhere-refused',
    fault: 'has a lock that only its own process knows',
    says: /A variable is known to one process alone/,
    mutate: (store) => ({
      capabilities: { ...store.capabilities, sharedBetweenTabs: false },
      async open(name, events) {
        const holder = holders.get(name)
        if (holder !== undefined && (await isOpen(holder))) throw locked()
        if (holders.get(name) !== holder) throw locked()
        holders.set(name, store)
        await store.open(name, events)
      },
      async destroy(name) {
        const holder = holders.get(name)
        if (holder !== undefined && (await isOpen(holder))) throw locked()
        await store.destroy(name)
      },
    }),
  },
  {
    caughtBy: 'reopen-same-object',
    fault: 'is of no use after close',
    says: /gives up the database, not the object/,
    mutate: (store) => {
      let isClosed = false
      return {
        async open(name, events) {
          if (isClosed) throw new HoldfastError('store_closed', 'The store was closed. Make another one.')
          await store.open(name, events)
        },
        async close() {
          isClosed = true
          await store.close()
        },
      }
    },
  },
  {
    caughtBy: 'reopen-same-object',
    fault: 'keeps what it read over a close',
    says: /may show in another one/,
    mutate: (store) => {
      let known: Awaited<ReturnType<LocalStore['scan']>> = []
      return {
        async scan(range) {
          const found = await store.scan(range)
          if (found.length > 0 || range.limit !== undefined || range.reverse) {
            known = found
            return found
          }
          return range.from === '' && range.to > '\uffff' ? known : found
        },
        async write(batch, options) {
          await store.write(batch, options)
          known = []
        },
      }
    },
    others: 12,
  },
  {
    caughtBy: 'open-while-open',
    fault: 'moves on to another database while it has one open',
    says: /one database open at a time/,
    mutate: (store) => ({
      async open(name, events) {
        await store.close()
        await store.open(name, events)
      },
    }),
  },
  {
    caughtBy: 'close-twice',
    fault: 'refuses to close what is closed',
    says: /Another `close` resolves/,
    mutate: (store) => {
      let isOpen = false
      return {
        async open(name, events) {
          await store.open(name, events)
          isOpen = true
        },
        async close() {
          if (!isOpen) throw new HoldfastError('store_closed', 'The store is not open. Open it first.')
          isOpen = false
          await store.close()
        },
      }
    },
  },
  {
    caughtBy: 'close-twice',
    fault: 'closes at once where a close is under way',
    says: /resolves with it/,
    mutate: (store) => {
      let isOpen = false
      return {
        async open(name, events) {
          await store.open(name, events)
          isOpen = true
        },
        async close() {
          if (!isOpen) return
          isOpen = false
          await store.close()
        },
      }
    },
  },
]
