import { localWins, newestWins, remoteWins, threeWay } from '@holdfast/core'
import { conflictStrategyCases, runSuite } from '@holdfast/testkit'
import { describe, test } from 'vitest'
import { expectCaught } from './mutants/mutant.ts'
import { strategies } from './mutants/strategy.ts'

for (const strategy of [
  localWins(),
  remoteWins(),
  newestWins(),
  threeWay(newestWins()),
  threeWay(localWins()),
]) {
  describe(`strategy ${strategy.name}`, () => runSuite(conflictStrategyCases(strategy), { runner: { test } }))
}

test.each(strategies)('$caughtBy catches a strategy that $fault', (mutant) =>
  expectCaught(
    mutant,
    conflictStrategyCases({ ...localWins(), name: 'mutant', ...mutant.mutate(localWins()) }),
  ),
)
