import { HoldfastError, type LocalStore, type StoreValue } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { isPlain, turns } from './local-parts.ts'
import type { LikelyMutant } from './mutant.ts'

/** What someone might really write. */
export const likely: readonly LikelyMutant<LocalStore>[] = [
  {
    caughtBy: 'crash-keeps-acknowledged',
    fault: 'acknowledges before the transaction completes',
    says: /resolve when its transaction is complete/,
    mutate: (store) => {
      let tail: Promise<unknown> = Promise.resolve()
      const behind = async <T>(work: () => Promise<T>): Promise<T> => {
        const run = tail.then(work)
        tail = run.catch(() => undefined)
        return run
      }
      return {
        getMany: (keys) => behind(() => store.getMany(keys)),
        scan: (range) => behind(() => store.scan(range)),
        async write(batch, options = {}) {
          if (options.expect !== undefined || options.durability === 'none' || !isPlain(batch))
            return behind(() => store.write(batch, options))
          void behind(() => turns(50).then(() => store.write(batch, options))).catch(() => undefined)
        },
        close: () => behind(() => store.close()),
      }
    },
    others: 12,
  },
  {
    caughtBy: 'refused-open',
    fault: 'swallows a failed open and goes on in memory',
    says: /A store that cannot open says so/,
    mutate: (store) => {
      let instead: LocalStore | null = null
      const now = () => instead ?? store
      return {
        async open(name, events) {
          try {
            await store.open(name, events)
          } catch {
            instead = memoryStore()
            await instead.open(name)
          }
        },
        getMany: (keys) => now().getMany(keys),
        scan: (range) => now().scan(range),
        write: (batch, options) => now().write(batch, options),
        close: () => now().close(),
      }
    },
  },
  {
    caughtBy: 'lost-outside',
    fault: 'reopens by itself when its database is gone',
    says: /still the one that was opened/,
    mutate: (store) => {
      let name = ''
      const again = async <T>(work: () => Promise<T>): Promise<T> => {
        try {
          return await work()
        } catch (error) {
          if (!(error instanceof HoldfastError) || error.code !== 'store_lost') throw error
          await store.open(name)
          return work()
        }
      }
      return {
        async open(opened, events) {
          name = opened
          await store.open(opened, events)
        },
        getMany: (keys) => again(() => store.getMany(keys)),
        scan: (range) => again(() => store.scan(range)),
        write: (batch, options) => again(() => store.write(batch, options)),
      }
    },
  },
  {
    caughtBy: 'full',
    fault: 'gives every failure one code',
    says: /Out of space is `store_full`/,
    mutate: (store) => ({
      write: (batch, options) =>
        store.write(batch, options).catch((error: HoldfastError) => {
          throw error.code === 'store_full' ? new HoldfastError('store_failed', 'The write failed.') : error
        }),
    }),
  },
  {
    caughtBy: 'two-handles',
    fault: 'caches what it read',
    says: /Do not cache/,
    mutate: (store) => {
      let known: [string, StoreValue][] | null = null
      return {
        async scan(range) {
          if (range.limit !== undefined || range.reverse || range.from !== '') return store.scan(range)
          known ??= await store.scan(range)
          return [...known]
        },
        async write(batch, options) {
          known = null
          await store.write(batch, options).finally(() => {
            known = null
          })
        },
      }
    },
  },
  {
    caughtBy: 'names-isolated',
    fault: 'cuts the name of a database short',
    says: /end key prefixes with a separator/,
    mutate: (store) => ({ open: (name, events) => store.open(name.replace(/-more$/, ''), events) }),
  },
  {
    caughtBy: 'many-keys',
    fault: 'reads no more than a thousand keys at once',
    says: /no limit on its number of keys/,
    mutate: (store) => ({ scan: async (range) => (await store.scan(range)).slice(0, 1_000) }),
  },
  {
    caughtBy: 'delete-range-many',
    fault: 'deletes no more than a thousand keys of a range',
    says: /however many keys stand in it/,
    mutate: (store) => ({
      async write({ deleteRanges = [], ...rest }, options) {
        const found = await Promise.all(deleteRanges.map((range) => store.scan({ ...range, limit: 1_000 })))
        const keys = found.flat().map(([key]) => key)
        await store.write({ ...rest, delete: [...keys, ...(rest.delete ?? [])] }, options)
      },
    }),
  },
  {
    caughtBy: 'power-cut-keeps-strict',
    fault: 'takes strict for relaxed',
    says: /waits until the medium has it/,
    mutate: (store) => ({
      write: (batch, options = {}) =>
        store.write(batch, options.durability === 'strict' ? { ...options, durability: 'relaxed' } : options),
    }),
  },
  {
    caughtBy: 'close-waits',
    fault: 'closes before its writes are through',
    says: /must wait for the writes/,
    mutate: (store) => {
      let isClosed = false
      let tail: Promise<unknown> = Promise.resolve()
      return {
        async open(name, events) {
          await store.open(name, events)
          isClosed = false
        },
        async write(batch, options) {
          if (isClosed) throw new HoldfastError('store_closed', 'The store is closed. Open it again.')
          const writing = Promise.all([turns(30), tail]).then(() => store.write(batch, options))
          tail = writing.catch(() => undefined)
          await writing
        },
        async close() {
          isClosed = true
          void tail.then(() => store.close())
        },
      }
    },
    others: 12,
  },
  {
    caughtBy: 'replaced-range',
    fault: 'deletes ranges in a transaction of their own',
    says: /into one transaction/,
    mutate: (store) => ({
      async write({ deleteRanges = [], ...rest }, options) {
        if (deleteRanges.length > 0 && isPlain(rest) && options?.expect === undefined)
          await store.write({ deleteRanges })
        else if (deleteRanges.length > 0) return store.write({ deleteRanges, ...rest }, options)
        await store.write(rest, options)
      },
    }),
  },
  {
    caughtBy: 'lost',
    fault: 'answers as if empty when its database is gone',
    says: /must not answer as if it were empty/,
    mutate: (store) => {
      const unlessLost =
        <T>(instead: T) =>
        (error: HoldfastError) => {
          if (error.code !== 'store_lost') throw error
          return instead
        }
      return {
        getMany: (keys) => store.getMany(keys).catch(unlessLost(keys.map(() => undefined))),
        scan: (range) => store.scan(range).catch(unlessLost([])),
      }
    },
  },
  {
    caughtBy: 'binary-views',
    fault: 'keeps the very bytes that it was given',
    says: /Copy what the view shows/,
    mutate: (store) => {
      const given = new Map<string, StoreValue>()
      return {
        async write(batch, options) {
          await store.write(batch, options)
          for (const [key, value] of batch.put ?? []) given.set(key, value)
        },
        getMany: async (keys) =>
          (await store.getMany(keys)).map((value, i) => {
            const same = given.get(keys[i] ?? '')
            return value instanceof Uint8Array && same instanceof Uint8Array ? same : value
          }),
      }
    },
  },
  {
    caughtBy: 'value-limit',
    fault: 'counts characters where its limit is in bytes',
    says: /in UTF-8/,
    mutate: (store) => ({
      capabilities: { ...store.capabilities, maxValueBytes: MEGABYTE },
      async write(batch, options) {
        const isOver = batch.put?.some(([, value]) => value.length > MEGABYTE)
        if (isOver === true) throw new HoldfastError('invalid_value', 'A value is too large.')
        await store.write(batch, options)
      },
    }),
  },
]

const MEGABYTE = 1 << 20
