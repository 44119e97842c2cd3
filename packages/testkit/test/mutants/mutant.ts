import { type ConformanceCase, runCases } from '@holdfast/testkit'
import { expect } from 'vitest'

/** A good implementation with one fault. */
export interface Mutant<Good> {
  /** The case that is named after the fault, and must catch it. */
  readonly caughtBy: string
  readonly fault: string
  readonly mutate: (good: Good) => Partial<Good>
  /** What the failure must tell its author to change. */
  readonly says?: RegExp
  /** How many other cases may fail with it; `FEW` unless told. */
  readonly others?: number
}

/** A fault that someone might really write: its author must be told what to change. */
export type LikelyMutant<Good> = Mutant<Good> & Required<Pick<Mutant<Good>, 'says'>>

/** A fault of one kind shows in its own case and in its neighbours, not everywhere. */
const FEW = 6

/** Runs the whole suite: the named case must fail, and no more than a bounded number of others. */
export async function expectCaught(
  { caughtBy, says, others = FEW }: Pick<Mutant<never>, 'caughtBy' | 'says' | 'others'>,
  cases: readonly ConformanceCase[],
): Promise<void> {
  const { failed } = await runCases(cases)
  expect([...failed.keys()]).toContain(caughtBy)
  expect([...failed.keys()].filter((id) => id !== caughtBy).length).toBeLessThanOrEqual(others)
  const { name, message } = failed.get(caughtBy) as Error
  expect(name).toBe('ConformanceFailure')
  if (says !== undefined) expect(message).toMatch(says)
}
