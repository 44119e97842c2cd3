import { check, checkEqual } from '../suite/check.ts'
import { ALL, keysOf, type LocalCase } from './local-case.ts'

export const crashCases: readonly LocalCase[] = [
  {
    id: 'crash-keeps-acknowledged',
    title: 'an acknowledged write survives a crash of the process, unless its durability is none',
    requires: ['crash', 'durable'],
    async run(t) {
      const store = await t.open()
      const degrees = store.capabilities.durability.filter((degree) => degree !== 'none')
      for (const durability of degrees) await store.write({ put: [[durability, 'kept']] }, { durability })
      await t.crash()
      const after = new Map(await (await t.open()).scan(ALL))
      for (const durability of degrees) {
        checkEqual(
          after.get(durability),
          'kept',
          `A write that resolved with durability '${durability}' must survive a crash of the process: resolve when its transaction is complete (IndexedDB: \`oncomplete\`; a file: when its bytes are with the operating system), not when it was issued.`,
        )
      }
    },
  },
  {
    id: 'crash-is-atomic',
    title: 'a batch that a crash interrupts is there whole or not at all',
    requires: ['crash', 'durable'],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['old', '1']] })
      const put = Array.from({ length: 200 }, (_, i) => [`k${i}`, 'x'.repeat(500)] as const)
      const writing = store.write({ put, delete: ['old'] }).catch(() => 'interrupted')
      await t.crash()
      await writing
      const keys = await keysOf(await t.open())
      check(
        keys.length === 200 || (keys.length === 1 && keys[0] === 'old'),
        `After a crash ${keys.length} of 200 keys of one batch were there: write it in one transaction.`,
      )
    },
  },
  {
    id: 'crash-undurable',
    title: 'a store that keeps nothing across a crash opens again, and holds no half of a batch',
    requires: ['crash', 'no durable'],
    async run(t) {
      const store = await t.open()
      const put = Array.from({ length: 200 }, (_, i) => [`k${i}`, 'x'.repeat(500)] as const)
      const writing = store.write({ put }).catch(() => 'interrupted')
      await t.crash()
      await writing
      const { length } = await keysOf(await t.open())
      check(
        length === 0 || length === 200,
        `After a crash ${length} of 200 keys of one batch were there: it may be gone, never in part.`,
      )
    },
  },
  {
    id: 'power-cut-keeps-strict',
    title: "a write with durability 'strict' survives a power cut, with all that was issued before it",
    requires: ['cutPower', 'strict'],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['before', '1']] })
      await store.write({ put: [['strict', '1']] }, { durability: 'strict' })
      await store.write({ put: [['after', '1']] })
      await t.cutPower()
      const kept = (await keysOf(await t.open())).filter((key) => key !== 'after')
      checkEqual(
        kept,
        ['before', 'strict'],
        "'strict' waits until the medium has it (fsync, IndexedDB: `durability: 'strict'`), and a later write is never there without an earlier one.",
      )
    },
  },
  {
    id: 'crashed-is-dead',
    title: 'a store that crashed writes nothing more',
    requires: ['crash'],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] })
      await t.crash()
      const late = store.write({ put: [['late', '1']] }).then(
        () => 'written',
        () => 'refused',
      )
      const next = await t.open()
      await next.write({ put: [['b', '2']] })
      checkEqual(
        await late,
        'refused',
        'The crash of this harness must end every open store: where it copies files, it deletes the original too.',
      )
      check(!(await keysOf(next)).includes('late'), 'A write issued after the crash reached the database.')
    },
  },
  {
    id: 'crash-keeps-a-prefix',
    title: 'of writes that a crash interrupts, the first ones are there and no later one without them',
    requires: ['crash', 'durable'],
    async run(t) {
      const store = await t.open()
      const writes = Array.from({ length: 40 }, (_, i) =>
        store.write({ put: [[`k${String(i).padStart(2, '0')}`, 'x'.repeat(2_000)]] }).then(
          () => i,
          () => -1,
        ),
      )
      await writes[4]
      await t.crash()
      const acknowledged = Math.max(...(await Promise.all(writes)))
      const keys = await keysOf(await t.open())
      checkEqual(
        keys,
        keys.map((_, i) => `k${String(i).padStart(2, '0')}`),
        'Commit writes in the order in which they were issued: a later one that survives without an earlier one is a hole.',
      )
      check(
        keys.length > acknowledged,
        `Write ${acknowledged} was acknowledged before the crash, and ${keys.length} are there: resolve when the transaction is complete, and let the harness's crash end the store before it returns.`,
      )
    },
  },
]
