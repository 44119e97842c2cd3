import { HoldfastError, type LocalStore, type StoreValue, type WriteBatch } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import type { Mutant } from './mutant.ts'

type Put = NonNullable<WriteBatch['put']>[number]

const onPut =
  (change: (entry: Put) => Put) =>
  (store: LocalStore): Partial<LocalStore> => ({
    write: ({ put = [], ...rest }, options) => store.write({ ...rest, put: put.map(change) }, options),
  })

const onText = (change: (text: string) => string) =>
  onPut(([key, value]) => [key, typeof value === 'string' ? change(value) : value])

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await undefined
}

const isPlain = ({ put = [] }: WriteBatch) =>
  put.every(([, value]) => typeof value === 'string' || value instanceof Uint8Array)

/** What someone might really write. */
export const likely: readonly Mutant<LocalStore>[] = [
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
    mutate: (store) => ({
      async write({ deleteRanges = [], ...rest }, options) {
        const found = await Promise.all(deleteRanges.map((range) => store.scan({ ...range, limit: 1_000 })))
        const keys = found.flat().map(([key]) => key)
        await store.write({ ...rest, delete: [...keys, ...(rest.delete ?? [])] }, options)
      },
    }),
  },
]

/** One statement of the contract each. */
export const contrary: readonly Mutant<LocalStore>[] = [
  {
    caughtBy: 'expect-differs',
    fault: 'takes no notice of an expectation',
    others: 8,
    mutate: (store) => ({ write: (batch, { expect: _, ...rest } = {}) => store.write(batch, rest) }),
  },
  {
    caughtBy: 'expect-null',
    fault: 'takes expecting null for expecting nothing',
    mutate: (store) => ({
      write: (batch, options = {}) =>
        store.write(
          batch,
          options.expect?.value === null ? { ...options, expect: { key: 'none', value: null } } : options,
        ),
    }),
  },
  {
    caughtBy: 'expect-one-winner',
    fault: 'reads the expected value before its transaction',
    says: /one transaction/,
    mutate: (store) => ({
      async write(batch, { expect: wanted, ...rest } = {}) {
        const value = wanted && ((await store.getMany([wanted.key]))[0] ?? null)
        if (wanted && value !== wanted.value)
          return store.write({}, { expect: { key: 'none', value: 'none' } })
        return store.write(batch, rest)
      },
    }),
  },
  {
    caughtBy: 'expect-exact',
    fault: 'compares expected text in its normal form',
    mutate: (store) => ({
      async write(batch, options = {}) {
        const { expect: wanted } = options
        if (typeof wanted?.value !== 'string') return store.write(batch, options)
        const [stored] = await store.getMany([wanted.key])
        const isAlike = typeof stored === 'string' && stored.normalize() === wanted.value.normalize()
        return store.write(batch, isAlike ? { ...options, expect: { ...wanted, value: stored } } : options)
      },
    }),
  },
  {
    caughtBy: 'scan-reverse',
    fault: 'knows no reverse',
    mutate: (store) => ({ scan: ({ reverse: _, ...range }) => store.scan(range) }),
  },
  {
    caughtBy: 'scan-limit',
    fault: 'takes limit 0 for no limit',
    mutate: (store) => ({
      scan: ({ limit, ...range }) => store.scan(limit ? { ...range, limit } : range),
    }),
  },
  {
    caughtBy: 'range-bounds',
    fault: 'includes the end of a range',
    mutate: (store) => ({ scan: (range) => store.scan({ ...range, to: `${range.to}\u0000` }) }),
  },
  {
    caughtBy: 'range-empty',
    fault: 'refuses a range that ends before it begins',
    mutate: (store) => ({
      async scan(range) {
        if (range.from >= range.to) throw new HoldfastError('store_failed', 'The range is empty.')
        return store.scan(range)
      },
    }),
  },
  {
    caughtBy: 'key-order',
    fault: 'orders keys by their UTF-8 bytes',
    says: /UTF-16 code units/,
    mutate: (store) => ({
      scan: async (range) =>
        (await store.scan(range)).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    }),
  },
  {
    caughtBy: 'get-many-order',
    fault: 'answers in the order of the keys that are stored',
    mutate: (store) => ({ getMany: (keys) => store.getMany([...keys].sort()) }),
  },
  {
    caughtBy: 'batch-order',
    fault: 'deletes after it has put',
    mutate: (store) => ({
      async write(batch, options) {
        await store.write({ put: batch.put ?? [] }, options)
        await store.write({ ...batch, put: [] })
      },
    }),
  },
  {
    caughtBy: 'no-partial-batch',
    fault: 'puts each entry by itself',
    mutate: (store) => ({
      async write({ put = [], ...rest }, options) {
        await store.write(rest, options)
        for (const entry of put) await store.write({ put: [entry] })
      },
    }),
    others: 8,
  },
  {
    caughtBy: 'isolation',
    fault: 'reads each key of a getMany by itself',
    says: /one transaction/,
    mutate: (store) => ({
      getMany: async (keys) =>
        (
          await Promise.all(
            keys.map(async (key, i) => {
              if (i > 0) await turns(40)
              return store.getMany([key])
            }),
          )
        ).flat(),
    }),
  },
  {
    caughtBy: 'write-order',
    fault: 'lets a later write overtake',
    mutate: (store) => {
      let writes = 0
      return {
        async write(batch, options) {
          await turns(4 - (writes++ % 5))
          await store.write(batch, options)
        },
      }
    },
  },
  {
    caughtBy: 'failed-write-does-not-block',
    fault: 'fails the writes behind a failed one',
    mutate: (store) => {
      let tail: Promise<unknown> = Promise.resolve()
      let open = 0
      return {
        write(batch, options) {
          open += 1
          const writing =
            open > 1 ? Promise.all([tail, store.write(batch, options)]) : store.write(batch, options)
          tail = writing
          return Promise.resolve(writing)
            .then(() => undefined)
            .finally(() => {
              open -= 1
            })
        },
      }
    },
  },
  {
    caughtBy: 'text-fidelity',
    fault: 'normalises text',
    mutate: onText((text) => text.normalize()),
  },
  {
    caughtBy: 'reopen-fidelity',
    fault: 'writes lone surrogates as UTF-8 does',
    mutate: onText((text) => text.toWellFormed()),
  },
  {
    caughtBy: 'binary-views',
    fault: 'stores the whole buffer behind a view',
    mutate: onPut(([key, value]) => [key, typeof value === 'string' ? value : new Uint8Array(value.buffer)]),
  },
  {
    caughtBy: 'durability-offered',
    fault: 'writes with less durability than was asked for',
    says: /refuse it/,
    mutate: (store) => ({ write: (batch, { durability: _, ...rest } = {}) => store.write(batch, rest) }),
  },
  {
    caughtBy: 'closed-refuses',
    fault: 'goes on after close',
    mutate: () => ({ close: async () => {} }),
  },
  {
    caughtBy: 'close-drains',
    fault: 'drops at close what was issued before',
    mutate: (store) => {
      let isClosed = false
      return {
        async write(batch, options) {
          await turns(3)
          if (isClosed) throw new HoldfastError('store_closed', 'The store is closed. Open it again.')
          await store.write(batch, options)
        },
        async close() {
          isClosed = true
          await store.close()
        },
      }
    },
  },
  {
    caughtBy: 'reopen',
    fault: 'keeps deletes in memory only',
    mutate: (store) => {
      const gone = new Set<string>()
      return {
        async write(batch, options) {
          for (const key of batch.delete ?? []) gone.add(key)
          for (const [key] of batch.put ?? []) gone.delete(key)
          await store.write({ ...batch, delete: [] }, options)
        },
        scan: async (range) => (await store.scan(range)).filter(([key]) => !gone.has(key)),
        getMany: async (keys) =>
          (await store.getMany(keys)).map((value, i) => (gone.has(keys[i] ?? '') ? undefined : value)),
      }
    },
  },
  {
    caughtBy: 'destroy',
    fault: 'destroys nothing',
    mutate: () => ({ destroy: async () => {} }),
  },
]
