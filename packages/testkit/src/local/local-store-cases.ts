import type { LeftOutCase } from '../suite/requirements.ts'
import type { ConformanceCase } from '../suite/run-suite.ts'
import { crashCases } from './crashing.ts'
import { durabilityCases } from './durability.ts'
import { expectingCases } from './expecting.ts'
import { faultCases } from './faults.ts'
import { lifecycleCases } from './lifecycle.ts'
import { bindLocalCase, type LocalCase, type LocalHarness, unmetLocally } from './local-case.ts'
import { namingCases } from './naming.ts'
import { openingCases } from './opening.ts'
import { rangeCases } from './ranges.ts'
import { readingCases } from './reading.ts'
import { sharingCases } from './sharing.ts'
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
  ...namingCases,
  ...sharingCases,
  ...faultCases,
]

/**
 * The conformance cases of a LocalStore. They are gated by what the store declares (the behaviour
 * without a capability is tested as well) and by what the harness can do to a database: `crash` and
 * `faults`.
 */
export function localStoreCases(harness: LocalHarness): ConformanceCase[] {
  return CASES.filter((one) => unmetLocally(one, harness).length === 0).map((one) =>
    bindLocalCase(one, harness),
  )
}

/** The other cases of the suite, each with what it lacks. */
export function localStoreCasesLeftOut(harness: LocalHarness): LeftOutCase[] {
  return CASES.map((one) => ({ id: one.id, title: one.title, unmet: unmetLocally(one, harness) })).filter(
    ({ unmet }) => unmet.length > 0,
  )
}
