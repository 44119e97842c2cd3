import { HoldfastError, type LocalStore } from '@holdfast/core'
import type { Mutant } from './mutant.ts'

/** One statement of the contract each: expectations, ranges and the order of keys. */
export const ranges: readonly Mutant<LocalStore>[] = [
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
    caughtBy: 'delete-range',
    fault: 'deletes the end of a range too',
    mutate: (store) => ({
      write: ({ deleteRanges = [], ...rest }, options) =>
        store.write(
          { ...rest, deleteRanges: deleteRanges.map(({ from, to }) => ({ from, to: `${to}\u0000` })) },
          options,
        ),
    }),
  },
  {
    caughtBy: 'scan-reverse',
    fault: 'counts the limit from the beginning, and then turns the order',
    says: /the limit takes the largest keys/,
    mutate: (store) => ({
      scan: async ({ reverse, ...range }) => {
        const found = await store.scan(range)
        return reverse ? found.reverse() : found
      },
    }),
  },
  {
    caughtBy: 'expect-other-key',
    fault: 'looks at an expectation only where the batch writes its key',
    mutate: (store) => ({
      write(batch, { expect: wanted, ...rest } = {}) {
        const isWritten = batch.put?.some(([key]) => key === wanted?.key) ?? false
        return store.write(batch, wanted !== undefined && isWritten ? { ...rest, expect: wanted } : rest)
      },
    }),
  },
]
