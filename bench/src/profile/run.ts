import { bundlePage } from '../browser/bundle.ts'
import { ENTRANTS } from '../contestants.ts'
import type { PageSteps } from '../page/page.ts'
import { type RunOptions, run } from '../run.ts'
import { bulk } from '../scenarios/bulk.ts'
import { drain } from '../scenarios/drain.ts'
import { large } from '../scenarios/large.ts'
import type { Scenario, Steps } from '../scenarios/scenario.ts'
import { writes } from '../scenarios/writes.ts'
import { type CpuProfile, type Shares, sharesOf } from './shares.ts'

/** Where the time of one workload went, under the sampling profiler, which costs time itself. */
export interface ProfileFigure {
  readonly workload: string
  readonly ms: number
  readonly shares: Shares
}

/** The step that is looked at, and the how manieth of its kind in its scenario. */
const LOOKED_AT: readonly [workload: string, scenario: Scenario, step: string, nth: number][] = [
  ['W1', writes, 'putEach', 1],
  ['W2', bulk, 'putMany', 0],
  ['W3', large, 'pull', 0],
  ['W4', drain, 'push', 0],
  ['W7', large, 'queries', 0],
  ['W10', large, 'pull', 7],
]

/** Runs the scenarios once more, for Holdfast alone, with a profiler on the steps that are looked at. */
export async function runProfile(
  options: Pick<RunOptions, 'documents' | 'deadline' | 'workloads'>,
  tell: (done: number, total: number, what: string) => void,
): Promise<{
  figures: ProfileFigure[]
  profiles: Record<string, CpuProfile>
  failed: Record<string, string[]>
}> {
  const profiles: Record<string, CpuProfile> = {}
  const scenarios = [writes, bulk, drain, large].map((scenario) => watched(scenario, profiles))
  const entrants = ENTRANTS.filter(({ name }) => name === 'holdfast')
  const { failed } = await run({ ...options, entrants, rounds: 1, scenarios }, tell)
  const script = await bundlePage('holdfast')
  const figures = Object.entries(profiles).map(([workload, profile]) => {
    const shares = sharesOf(profile, script)
    return { workload, ms: Object.values(shares).reduce((sum, ms) => sum + ms, 0), shares }
  })
  return { figures, profiles, failed }
}

function watched(scenario: Scenario, profiles: Record<string, CpuProfile>): Scenario {
  return {
    ...scenario,
    run(stage) {
      const times = new Map<string, number>()
      const session: Steps = {
        collect: () => stage.session.collect(),
        heap: () => stage.session.heap(),
        reopen: () => stage.session.reopen(),
        restart: () => stage.session.restart(),
        profiled: (work) => stage.session.profiled(work),
        async run<K extends keyof PageSteps>(
          step: K,
          argument?: Parameters<PageSteps[K]>[0],
        ): Promise<Awaited<ReturnType<PageSteps[K]>>> {
          const nth = times.get(step) ?? 0
          times.set(step, nth + 1)
          const found = LOOKED_AT.find(
            ([workload, of, name, place]) =>
              of.name === scenario.name &&
              name === step &&
              place === nth &&
              stage.wants(workload as Parameters<typeof stage.wants>[0]),
          )
          if (found === undefined) return stage.session.run(step, argument)
          const { profile, result } = await stage.session.profiled(() => stage.session.run(step, argument))
          profiles[found[0]] = profile
          return result
        },
      }
      return scenario.run({ ...stage, session })
    },
  }
}
