/** One named statement about an adapter. `run` rejects with a `ConformanceFailure` when it does not hold. */
export interface ConformanceCase {
  /** Stable, in kebab case: the key for `knownGaps`. */
  readonly id: string
  readonly title: string
  /** Why it is here: what the adapter declares (`no …`: does not declare) and what the harness can do. Empty: for all. */
  readonly requires: readonly string[]
  readonly run: () => Promise<void>
}

/** Where cases are registered: vitest's or node's `test`, or anything of that shape. */
export interface SuiteRunner {
  test(title: string, run: () => Promise<void>): unknown
}

export interface SuiteOptions {
  readonly runner: SuiteRunner
  /** Cases that are known to fail, with the reason. Each must fail: one that passes is reported as stale. */
  readonly knownGaps?: Readonly<Record<string, string>>
}

/**
 * Registers each case as one test. Throws, so that no suite drops out in silence, when there is
 * no case, when two share an id, and when a known gap names no case.
 */
export function runSuite(cases: readonly ConformanceCase[], { runner, knownGaps = {} }: SuiteOptions): void {
  if (cases.length === 0) throw new Error('No conformance case to run: check how the suite was called.')
  const ids = new Set<string>()
  for (const { id } of cases) {
    if (ids.has(id)) throw new Error(`Two conformance cases share the id "${id}".`)
    ids.add(id)
  }
  for (const id of Object.keys(knownGaps)) {
    if (!ids.has(id))
      throw new Error(`The known gap "${id}" names no case of this suite: correct or remove it.`)
  }
  for (const { id, title, run } of cases) {
    const reason = Object.hasOwn(knownGaps, id) ? knownGaps[id] : undefined
    if (reason === undefined) runner.test(`${id}: ${title}`, run)
    else runner.test(`${id}: ${title} [known gap: ${reason}]`, () => expectFailure(id, run))
  }
}

/** Runs cases one after the other and returns which failed: the whole of a runner, where there is none. */
export async function runCases(
  cases: readonly ConformanceCase[],
): Promise<{ readonly passed: readonly string[]; readonly failed: ReadonlyMap<string, unknown> }> {
  const passed: string[] = []
  const failed = new Map<string, unknown>()
  for (const { id, run } of cases) {
    try {
      await run()
      passed.push(id)
    } catch (error) {
      failed.set(id, error)
    }
  }
  return { passed, failed }
}

async function expectFailure(id: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch {
    return
  }
  throw new Error(`The known gap "${id}" is stale: the case passes now. Remove it from knownGaps.`)
}
