import { HoldfastError, type LocalStore } from '@holdfast/core'
import { onPut, onText, turns } from './local-parts.ts'
import type { Mutant } from './mutant.ts'

/** One statement of the contract each: batches, values, the life of a store. */
export const contrary: readonly Mutant<LocalStore>[] = [
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
    others: 12,
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
    others: 8,
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
    caughtBy: 'durability-none-undeclared',
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
  {
    caughtBy: 'empty-batch',
    fault: 'refuses a batch with nothing in it',
    mutate: (store) => ({
      async write(batch, options) {
        const { put = [], delete: keys = [], deleteRanges = [] } = batch
        if (put.length + keys.length + deleteRanges.length === 0 && options?.expect === undefined)
          throw new HoldfastError('invalid_value', 'There is nothing to write.')
        await store.write(batch, options)
      },
    }),
  },
  {
    caughtBy: 'binary-undeclared',
    fault: 'takes bytes that it does not declare',
    says: /refuses bytes/,
    mutate: (store) => ({ capabilities: { ...store.capabilities, binary: false } }),
  },
  {
    caughtBy: 'second-open-refused',
    fault: 'opens twice what it does not declare as shared',
    says: /refuses the second open/,
    mutate: (store) => ({ capabilities: { ...store.capabilities, sharedBetweenTabs: false } }),
  },
  {
    caughtBy: 'durability-relaxed',
    fault: 'declares a durability that it refuses',
    mutate: (store) => ({
      async write(batch, options) {
        if (options?.durability === 'relaxed')
          throw new HoldfastError('unsupported_durability', 'This store offers strict only.')
        await store.write(batch, options)
      },
    }),
  },
]
