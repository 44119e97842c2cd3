import type { Measure } from '../workloads.ts'
import { type BenchReport, cellOf, entrantsIn, isReached, measuresIn } from './result.ts'

/** Medians, and in brackets times the floor of the same run. */
export function markdownTable(report: BenchReport): string {
  const entrants = entrantsIn(report)
  const rows = measuresIn(report).map((measure) => {
    const cells = entrants.map(({ name, cannot }) => {
      const cell = cellOf(report, name, measure.key)
      if (cell !== null) return `${amount(cell.value, measure)}${timesFloor(cell.ratio, name)}`
      const hasFailed = cannot[measure.workload] === undefined && report.failed[name] !== undefined
      return hasFailed ? 'failed' : 'cannot'
    })
    const own = cellOf(report, 'holdfast', measure.key)
    const verdict = own === null ? '' : isReached(measure, own) ? 'yes' : '**no**'
    return [`${measure.key}: ${measure.title}, ${measure.unit}`, ...cells, reachOf(measure), verdict]
  })
  const head = ['', ...entrants.map(({ title }) => title), 'Holdfast is to reach', 'reached']
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

export function amount(value: number, { digits }: Pick<Measure, 'digits'>): string {
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function timesFloor(ratio: number, name: string): string {
  if (name === 'rawidb' || !Number.isFinite(ratio)) return ''
  return ` (${ratio >= 10 ? Math.round(ratio) : Number(ratio.toPrecision(2))}×)`
}

function reachOf({ reach, better, unit }: Measure): string {
  const sign = better === 'more' ? '≥' : '≤'
  return `${sign} ${reach.bound.toLocaleString('en-GB')}${reach.by === 'ratio' ? ' × floor' : ` ${unit}`}`
}
