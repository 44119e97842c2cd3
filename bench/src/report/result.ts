import { ENTRANTS, FLOOR } from '../contestants.ts'
import { median } from '../percentile.ts'
import type { RunResult } from '../run.ts'
import { MEASURES, type Measure } from '../workloads.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly os: string
  readonly node: string
  readonly load: number
}

/** One run, as it is kept in JSON; every figure can be made from it again. */
export interface BenchReport extends RunResult {
  readonly date: string
  readonly machine: Machine
  readonly versions: Record<string, string>
  readonly rounds: number
  readonly documents: number
}

export interface Cell {
  readonly value: number
  /** Times the floor of the same run; NaN for the floor's own absence. */
  readonly ratio: number
}

export function cellOf(report: BenchReport, contestant: string, key: string): Cell | null {
  const values = report.figures[contestant]?.[key]
  if (values === undefined || values.length === 0) return null
  const value = median(values)
  const floor = report.figures[FLOOR]?.[key]
  return { value, ratio: floor === undefined ? Number.NaN : value / median(floor) }
}

export function isReached({ reach, better }: Measure, { value, ratio }: Cell): boolean {
  const found = reach.by === 'value' ? value : ratio
  return better === 'more' ? found >= reach.bound : found <= reach.bound
}

export const measuresIn = (report: BenchReport): Measure[] =>
  MEASURES.filter(({ key }) => Object.values(report.figures).some((own) => own[key] !== undefined))

export const entrantsIn = (report: BenchReport) =>
  ENTRANTS.filter(({ name }) => report.figures[name] !== undefined || report.failed[name] !== undefined)
