import type { Durability } from '@holdfast/core'
import { check, checkEqual, checkFails } from '../suite/check.ts'
import { keysOf, type LocalCase } from './local-case.ts'

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
]
