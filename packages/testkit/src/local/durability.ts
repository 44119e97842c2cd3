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
      checkEqual(
        { ...capabilities, estimate: capabilities.estimate !== undefined },
        { ...t.capabilities, estimate: t.capabilities.estimate !== undefined },
        'The capabilities of the harness must be those that an open store declares: they decide what is tested.',
      )
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
  ...DEGREES.flatMap((degree) => [offeredCase(degree), refusedCase(degree)]),
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
    title: 'estimate tells usage and quota in bytes',
    requires: ['estimate'],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', 'x'.repeat(64 * 1024)]] })
      const { usage, quota } = (await store.capabilities.estimate?.()) ?? {}
      check(
        usage !== undefined && quota !== undefined && usage >= 0 && quota > 0 && usage <= quota,
        `usage and quota are numbers of bytes, and usage is not above quota. Received: ${usage}, ${quota}`,
      )
    },
  },
  {
    id: 'estimate-undeclared',
    title: 'a store that cannot tell its usage has no estimate, and takes writes all the same',
    requires: ['no estimate'],
    async run(t) {
      const store = await t.open()
      check(
        store.capabilities.estimate === undefined,
        'Where usage and quota are not known, leave estimate out: a number that is made up would be believed.',
      )
      await store.write({ put: [['a', 'x'.repeat(64 * 1024)]] })
      checkEqual(await keysOf(store), ['a'], 'A write needs no estimate before it.')
    },
  },
]

function offeredCase(degree: Durability): LocalCase {
  return {
    id: `durability-${degree}`,
    title: `the declared durability '${degree}' can be asked for`,
    requires: [degree],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['a', '1']] }, { durability: degree })
      checkEqual(
        await keysOf(store),
        ['a'],
        `'${degree}' is declared: a write that asks for it takes effect.`,
      )
    },
  }
}

function refusedCase(degree: Durability): LocalCase {
  return {
    id: `durability-${degree}-undeclared`,
    title: `the durability '${degree}', which is not declared, is refused`,
    requires: [`no ${degree}`],
    async run(t) {
      const store = await t.open()
      await checkFails(
        store.write({ put: [['a', '1']] }, { durability: degree }),
        'unsupported_durability',
        `'${degree}' is not declared: refuse it instead of writing with less.`,
      )
      checkEqual(await keysOf(store), [], 'A refused write must change nothing.')
    },
  }
}
