import type { ConformanceCase } from '../suite/run-suite.ts'
import { durabilityCases } from './durability.ts'
import { expectingCases } from './expecting.ts'
import { lifecycleCases } from './lifecycle.ts'
import { bindLocalCase, type LocalCase, type LocalHarness } from './local-case.ts'
import { rangeCases } from './ranges.ts'
import { readingCases } from './reading.ts'
import { valueCases } from './values.ts'
import { writingCases } from './writing.ts'

const CASES: readonly LocalCase[] = [
  ...durabilityCases,
  ...readingCases,
  ...rangeCases,
  ...writingCases,
  ...expectingCases,
  ...valueCases,
  ...lifecycleCases,
]

/**
 * The conformance cases of a LocalStore. They are gated by what the store declares (the behaviour
 * without a capability is tested as well) and by whether the harness can crash a database.
 */
export function localStoreCases(harness: LocalHarness): ConformanceCase[] {
  return CASES.filter(({ requires }) => requires === undefined || harness[requires] !== undefined).map(
    (one) => bindLocalCase(one, harness),
  )
}
