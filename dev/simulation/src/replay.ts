import { runHistory } from './history.ts'
import { drawPlan, type Plan } from './plan.ts'
import { shrink } from './shrink.ts'

/** Runs one seed again, shrinks it if it fails, and tells it. */
export async function replay(seed: number): Promise<string> {
  const shrunk = await shrink(drawPlan(seed))
  if (shrunk === null) return (await differenceOf(drawPlan(seed))) ?? `seed ${seed} holds`
  const { plan, outcome, runs } = shrunk
  const { replicas, maxTabs, documents, faults } = plan.config
  return [
    `seed ${seed}: ${outcome.violation?.message}`,
    `${replicas} devices with up to ${maxTabs} tabs, ${documents} documents; faults: ${faults.join(', ') || 'none'}`,
    `${plan.steps.length} steps are left, after ${runs} runs:`,
    ...outcome.trace,
  ].join('\n')
}

/** Where two runs of the same plan part; null: nowhere. */
async function differenceOf(plan: Plan): Promise<string | null> {
  const { trace } = await runHistory(plan)
  const again = (await runHistory(plan)).trace
  const at = trace.findIndex((line, i) => line !== again[i])
  if (at === -1 && again.length === trace.length) return null
  const line = at === -1 ? trace.length : at
  return [
    `seed ${plan.seed}: determinism: run again, it goes another way at line ${line + 1}:`,
    ...trace.slice(Math.max(0, line - 5), line),
    `- ${trace[line] ?? 'the end'}`,
    `+ ${again[line] ?? 'the end'}`,
  ].join('\n')
}
