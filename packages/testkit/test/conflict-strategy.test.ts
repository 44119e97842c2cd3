import {
  type Conflict,
  type ConflictStrategy,
  localWins,
  newestWins,
  remoteWins,
  threeWay,
} from '@holdfast/core'
import { conflictStrategyCases, runCases, runSuite } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'

for (const strategy of [
  localWins(),
  remoteWins(),
  newestWins(),
  threeWay(newestWins()),
  threeWay(localWins()),
]) {
  describe(`strategy ${strategy.name}`, () => runSuite(conflictStrategyCases(strategy), { runner: { test } }))
}

let calls = 0
const broken: Readonly<Record<string, (conflict: Conflict) => ReturnType<ConflictStrategy['resolve']>>> = {
  total: () => JSON.parse('{}') as never,
  'keeps-id': ({ local }) => ({ value: { ...local, id: 'other' }, decisions: [] }),
  'value-is-json': ({ local }) => ({ value: { ...local, extra: Number.NaN }, decisions: [] }),
  deterministic: ({ local, remote }) => ({ value: calls++ % 2 ? local : remote, decisions: [] }),
  'key-order': ({ local, remote }) => ({
    value: JSON.stringify(local) < JSON.stringify(remote) ? local : remote,
    decisions: [],
  }),
  pure: ({ local }) => ({ value: Object.assign(local, { seen: true }), decisions: [] }),
  decisions: ({ local }) => ({ value: local, decisions: [{ path: [], chosen: 'local', why: '' }] }),
  'equal-sides': ({ local }) => ({ value: { ...local, merged: true }, decisions: [] }),
}

test.each(Object.entries(broken))(
  'a strategy that breaks "%s" is failed by that case',
  async (id, resolve) => {
    const cases = conflictStrategyCases({ specVersion: 1, name: 'broken', resolve })
    expect([...(await runCases(cases)).failed.keys()]).toContain(id)
  },
)
