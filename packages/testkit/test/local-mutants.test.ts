import type { LocalStore } from '@holdfast/core'
import { createMemoryDisk, memoryStore } from '@holdfast/core/memory'
import { localStoreCases, runCases } from '@holdfast/testkit'
import { expect, test } from 'vitest'

/** Faults of a store, each named after the case that must catch it. */
const mutants: Readonly<Record<string, (store: LocalStore) => Partial<LocalStore>>> = {
  'expect-differs': (store) => ({ write: (batch, { expect: _, ...rest } = {}) => store.write(batch, rest) }),
  'expect-null': (store) => ({
    write: (batch, options = {}) =>
      store.write(
        batch,
        options.expect?.value === null ? { ...options, expect: { key: 'none', value: null } } : options,
      ),
  }),
  'expect-one-winner': (store) => ({
    async write(batch, { expect: wanted, ...rest } = {}) {
      const value = wanted && ((await store.getMany([wanted.key]))[0] ?? null)
      if (wanted && value !== wanted.value) return store.write({}, { expect: { key: 'none', value: 'none' } })
      return store.write(batch, rest)
    },
  }),
  'scan-reverse': (store) => ({ scan: ({ reverse: _, ...range }) => store.scan(range) }),
  'scan-limit': (store) => ({
    scan: ({ limit, ...range }) => store.scan(limit ? { ...range, limit } : range),
  }),
  'range-bounds': (store) => ({ scan: (range) => store.scan({ ...range, to: `${range.to}\u0000` }) }),
  'key-order': (store) => ({
    scan: async (range) =>
      (await store.scan(range)).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  }),
  'get-many-order': (store) => ({ getMany: (keys) => store.getMany([...keys].sort()) }),
  'batch-order': (store) => ({
    async write(batch, options) {
      await store.write({ put: batch.put ?? [] }, options)
      await store.write({ ...batch, put: [] })
    },
  }),
  'no-partial-batch': (store) => ({
    async write({ put = [], ...rest }, options) {
      await store.write(rest, options)
      for (const entry of put) await store.write({ put: [entry] })
    },
  }),
  isolation: (store) => ({
    getMany: async (keys) =>
      (
        await Promise.all(
          keys.map(async (key, i) => {
            for (let turn = 0; turn < i * 40; turn++) await undefined
            return store.getMany([key])
          }),
        )
      ).flat(),
  }),
  'write-order': (store) => {
    let writes = 0
    return {
      async write(batch, options) {
        for (let turn = 4 - (writes++ % 5); turn > 0; turn--) await undefined
        await store.write(batch, options)
      },
    }
  },
  'text-fidelity': (store) => ({
    write: ({ put = [], ...rest }, options) =>
      store.write(
        {
          ...rest,
          put: put.map(
            ([key, value]) => [key, typeof value === 'string' ? value.normalize() : value] as const,
          ),
        },
        options,
      ),
  }),
  'binary-views': (store) => ({
    write: ({ put = [], ...rest }, options) =>
      store.write(
        {
          ...rest,
          put: put.map(
            ([key, value]) =>
              [key, typeof value === 'string' ? value : new Uint8Array(value.buffer)] as const,
          ),
        },
        options,
      ),
  }),
  'durability-offered': (store) => ({
    write: (batch, { durability: _, ...rest } = {}) => store.write(batch, rest),
  }),
  'closed-refuses': (store) => ({ close: async () => {}, open: store.open }),
}

test.each(Object.entries(mutants))(
  'a store with the fault "%s" is failed by that case',
  async (id, mutate) => {
    const disk = createMemoryDisk()
    const cases = localStoreCases({
      async open(name, events) {
        const store = memoryStore({ disk })
        await store.open(name, events)
        return { ...store, ...mutate(store) }
      },
      destroy: (name) => memoryStore({ disk }).destroy(name),
    })
    const named = cases.filter((one) => one.id === id)
    expect([...(await runCases(named)).failed.keys()]).toEqual([id])
  },
)
