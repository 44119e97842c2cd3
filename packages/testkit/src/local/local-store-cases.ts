import type { ConformanceCase } from '../suite/run-suite.ts'
import { crashCases } from './crashing.ts'
import { durabilityCases } from './durability.ts'
import { expectingCases } from './expecting.ts'
import { faultCases } from './faults.ts'
import { lifecycleCases } from './lifecycle.ts'
import { bindLocalCase, canRun, type LocalCase, type LocalHarness } from './local-case.ts'
import { openingCases } from './opening.ts'
import { rangeCases } from './ranges.ts'
import { readingCases } from './reading.ts'
import { valueCases } from './values.ts'
import { writingCases } from './writing.ts'

const CASES: readonly LocalCase[] = [
  ...durabilityCases,
  ...crashCases,
  ...readingCases,
  ...rangeCases,
  ...writingCases,
  ...expectingCases,
  ...valueCases,
  ...lifecycleCases,
  ...openingCases,
  ...faultCases,
]

/**
 * The conformance cases of a LocalStore. They are gated by what the store declares (the behaviour
 * without a capability is tested as well) and by what the harness can do to a database: `crash` and
 * `faults`.
 */
export function localStoreCases(harness: LocalHarness): ConformanceCase[] {
  return CASES.filter((one) => canRun(one, harness)).map((one) => bindLocalCase(one, harness))
}
