import type { Durability } from '@holdfast/core'
import { check, checkEqual, checkFails } from '../suite/check.ts'
import { ALL, keysOf, type LocalCase } from './local-case.ts'

const DEGREES: readonly Durability[] = ['strict', 'relaxed', 'none']

export const durabilityCases: readonly LocalCase[] = [
  {
    id: 'declared',
    title: 'the store declares its version and capabilities',
    async run(t) {
      const { specVersion, capabilities } = await t.open()
      const { durability, binary, sharedBetweenTabs, maxValueBytes } = capabilities
      check(specVersion === 1, 'specVersion must be 1.')
      checkEqual(
        durability,
        DEGREES.filter((degree) => durability.includes(degree)),
        'capabilities.durability lists strict, relaxed, none: strongest first, each once.',
      )
      check(durability.length > 0, 'capabilities.durability must name at least one degree.')
      check(
        typeof binary === 'boolean' && typeof sharedBetweenTabs === 'boolean',
        'binary and sharedBetweenTabs are booleans.',
      )
      check(Number.isFinite(maxValueBytes) && maxValueBytes > 0, 'maxValueBytes is a finite number of bytes.')
    },
  },
  {
    id: 'durability-offered',
    title: 'every declared degree of durability can be asked for, and no other',
    async run(t) {
      const store = await t.open()
      const offered = store.capabilities.durability
      for (const degree of offered) {
        await store.write({ put: [[degree, '']] }, { durability: degree })
      }
      for (const degree of DEGREES.filter((other) => !offered.includes(other))) {
        await checkFails(
          store.write({ put: [[degree, '']] }, { durability: degree }),
          'unsupported_durability',
          `'${degree}' is not declared: refuse it instead of writing with less.`,
        )
      }
      checkEqual(await keysOf(store), [...offered].sort(), 'A refused write must change nothing.')
    },
  },
  {
    id: 'durability-mixed',
    title: 'writes of different durability issued together keep their order',
    async run(t) {
      const store = await t.open()
      const offered = store.capabilities.durability
      const writes = Array.from({ length: 12 }, (_, i) => {
        const durability = offered[i % offered.length]
        return store.write({ put: [['last', String(i)]] }, durability === undefined ? {} : { durability })
      })
      await Promise.all(writes)
      checkEqual(await store.getMany(['last']), ['11'], 'Durability must not change the order of writes.')
    },
  },
  {
    id: 'estimate',
    title: 'estimate, where offered, tells usage and quota in bytes',
    async run(t) {
      const store = await t.open()
      const { estimate } = store.capabilities
      if (estimate === undefined) return
      const before = await estimate()
      check(before.usage >= 0 && before.quota > 0, 'usage and quota are numbers of bytes.')
      check(before.usage <= before.quota, 'usage cannot be above quota.')
    },
  },
  {
    id: 'crash-keeps-acknowledged',
    title: 'an acknowledged write survives a crash of the process, unless its durability is none',
    requires: 'crash',
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
          `A write that resolved with durability '${durability}' must survive a crash of the process.`,
        )
      }
    },
  },
  {
    id: 'crash-is-atomic',
    title: 'a batch that a crash interrupts is there whole or not at all',
    requires: 'crash',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['old', '1']] })
      const put = Array.from({ length: 200 }, (_, i) => [`k${i}`, 'x'.repeat(500)] as const)
      const writing = store.write({ put, delete: ['old'] }).catch(() => 'interrupted')
      await t.crash()
      await writing
      const keys = await keysOf(await t.open())
      if (keys.length === 0)
        check(store.capabilities.durability[0] === 'none', 'Acknowledged entries are gone after a crash.')
      else
        check(
          keys.length === 200 || (keys.length === 1 && keys[0] === 'old'),
          `After a crash ${keys.length} of 200 keys of one batch were there: write it in one transaction.`,
        )
    },
  },
  {
    id: 'crashed-is-dead',
    title: 'a store that crashed writes nothing more',
    requires: 'crash',
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
      checkEqual(await late, 'refused', 'The crash of this harness must end every open store.')
      check(!(await keysOf(next)).includes('late'), 'A write issued after the crash reached the database.')
    },
  },
]
