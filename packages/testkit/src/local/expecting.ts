import { check, checkEqual, checkFails } from '../suite/check.ts'
import { ALL, type LocalCase } from './local-case.ts'

const MUST_CONFLICT = 'When the value is not the expected one, fail with `store_conflict`.'

export const expectingCases: readonly LocalCase[] = [
  {
    id: 'expect-holds',
    title: 'a write whose expectation holds takes effect',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['m', '1']] }, { expect: { key: 'm', value: null } })
      await store.write(
        {
          put: [
            ['m', '2'],
            ['a', 'x'],
          ],
        },
        { expect: { key: 'm', value: '1' } },
      )
      checkEqual(
        await store.scan(ALL),
        [
          ['a', 'x'],
          ['m', '2'],
        ],
        'An expectation that holds must let the whole batch through.',
      )
    },
  },
  {
    id: 'expect-differs',
    title: 'a write whose expectation fails changes nothing',
    async run(t) {
      const store = await t.open()
      await store.write({
        put: [
          ['m', '1'],
          ['z', 'z'],
        ],
      })
      await checkFails(
        store.write(
          {
            put: [
              ['a', '1'],
              ['m', '3'],
            ],
            delete: ['z'],
            deleteRanges: [{ from: 'm', to: 'n' }],
          },
          { expect: { key: 'm', value: '2' } },
        ),
        'store_conflict',
        MUST_CONFLICT,
      )
      checkEqual(
        await store.scan(ALL),
        [
          ['m', '1'],
          ['z', 'z'],
        ],
        'Check the expectation in the transaction of the batch, and abort all of it.',
      )
    },
  },
  {
    id: 'expect-null',
    title: 'expecting null means: no value',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['m', '']] })
      await checkFails(
        store.write({ put: [['m', '2']] }, { expect: { key: 'm', value: null } }),
        'store_conflict',
        `${MUST_CONFLICT} The empty string is a value; null is none.`,
      )
      await checkFails(
        store.write({ put: [['m', '2']] }, { expect: { key: 'absent', value: '' } }),
        'store_conflict',
        `${MUST_CONFLICT} No value is not the empty string.`,
      )
      await store.write({ put: [['m', '2']] }, { expect: { key: 'm', value: '' } })
      checkEqual(await store.getMany(['m']), ['2'], 'An expected empty string holds where it is stored.')
    },
  },
  {
    id: 'expect-exact',
    title: 'an expected value is compared exactly',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['m', 'é']] })
      const wrong = ['e\u0301', 'É', 'é ', 'é\u0000']
      for (const value of wrong) {
        await checkFails(
          store.write({ put: [['m', 'x']] }, { expect: { key: 'm', value } }),
          'store_conflict',
          `${MUST_CONFLICT} Compare code unit by code unit: no collation, no case folding, no trimming.`,
        )
      }
      await store.write({ put: [['m', 'x']] }, { expect: { key: 'm', value: 'é' } })
    },
  },
  {
    id: 'expect-bytes',
    title: 'bytes are never equal to an expected text',
    requires: ['binary'],
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['bytes', new TextEncoder().encode('7')]] })
      for (const value of ['7', null]) {
        await checkFails(
          store.write({ put: [['bytes', 'x']] }, { expect: { key: 'bytes', value } }),
          'store_conflict',
          `${MUST_CONFLICT} Bytes are a value, and equal to no text.`,
        )
      }
    },
  },
  {
    id: 'expect-before-batch',
    title: 'the expectation is checked before the batch changes its key',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['m', '1']] })
      await store.write(
        { deleteRanges: [ALL], delete: ['m'], put: [['m', '2']] },
        { expect: { key: 'm', value: '1' } },
      )
      checkEqual(
        await store.scan(ALL),
        [['m', '2']],
        'Read the expected key before the deletes of the same batch.',
      )
    },
  },
  {
    id: 'expect-other-key',
    title: 'the expected key need not be in the batch',
    async run(t) {
      const store = await t.open()
      await store.write({ put: [['fence', '7']] })
      await store.write({ put: [['a', '1']] }, { expect: { key: 'fence', value: '7' } })
      await checkFails(
        store.write({ put: [['a', '2']] }, { expect: { key: 'fence', value: '6' } }),
        'store_conflict',
        MUST_CONFLICT,
      )
      checkEqual(
        await store.scan(ALL),
        [
          ['a', '1'],
          ['fence', '7'],
        ],
        'An expectation is only read, never written.',
      )
    },
  },
  {
    id: 'expect-empty-batch',
    title: 'an empty batch still checks its expectation',
    async run(t) {
      const store = await t.open()
      await checkFails(
        store.write({}, { expect: { key: 'm', value: '1' } }),
        'store_conflict',
        `${MUST_CONFLICT} Also when there is nothing to write.`,
      )
    },
  },
  {
    id: 'expect-sees-earlier-writes',
    title: 'an expectation sees the writes that were issued before',
    async run(t) {
      const store = await t.open()
      const chain = [store.write({ put: [['m', '0']] })]
      for (let i = 0; i < 20; i++) {
        chain.push(store.write({ put: [['m', String(i + 1)]] }, { expect: { key: 'm', value: String(i) } }))
      }
      await Promise.all(chain)
      checkEqual(
        await store.getMany(['m']),
        ['20'],
        'Check expectations in the order of the writes, against what the writes before made.',
      )
    },
  },
  {
    id: 'expect-one-winner',
    title: 'of many writes that expect the same value, one takes effect',
    async run(t) {
      const store = await t.open()
      const racers = Array.from({ length: 16 }, (_, i) =>
        store.write(
          {
            put: [
              ['m', `winner ${i}`],
              [`by ${i}`, ''],
            ],
          },
          { expect: { key: 'm', value: null } },
        ),
      )
      const outcomes = await Promise.allSettled(racers)
      checkEqual(
        outcomes.filter((outcome) => outcome.status === 'fulfilled').length,
        1,
        'Compare and set must be one transaction: exactly one of sixteen may win.',
      )
      checkEqual((await store.scan(ALL)).length, 2, 'The losers must leave nothing behind.')
    },
  },
  {
    id: 'expect-two-handles',
    title: 'two handles of one database never both win one expectation',
    requires: ['sharedBetweenTabs'],
    async run(t) {
      const one = await t.open()
      const two = await t.open()
      for (let round = 0; round < 10; round++) {
        const expect = { key: 'm', value: round === 0 ? null : String(round - 1) }
        const batch = { put: [['m', String(round)]] } as const
        const outcomes = await Promise.allSettled([
          one.write(batch, { expect }),
          two.write(batch, { expect }),
        ])
        const won = outcomes.filter((outcome) => outcome.status === 'fulfilled').length
        check(won === 1, `The transaction must lock out other tabs: ${won} of 2 handles won round ${round}.`)
      }
    },
  },
]
