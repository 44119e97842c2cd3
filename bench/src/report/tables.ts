import type { NodeFigure } from '../node/run.ts'
import type { ProfileFigure } from '../profile/run.ts'
import type { RemoteFigure } from '../remotes/run.ts'

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

const whole = (value: number) => Math.round(value).toLocaleString('en-GB')

export function remotesTable(figures: readonly RemoteFigure[]): string {
  return table(
    [
      'remote',
      '',
      'rows',
      'Holdfast rows/s (requests)',
      'bare client rows/s (requests)',
      'ratio (goal ≥ 0.7)',
    ],
    figures.map((one) => [
      one.remote,
      one.what,
      whole(one.rows),
      `${whole(one.holdfast)} (${one.holdfastRequests})`,
      `${whole(one.bare)} (${one.bareRequests})`,
      one.ratio.toFixed(2),
    ]),
  )
}

export function partsTable(figures: readonly RemoteFigure[]): string {
  return table(
    ['remote', '', 'part of the way', 'rows/s', 'times the bare client'],
    figures.flatMap(({ remote, what, holdfast, bare, ratio, parts }) =>
      [
        { name: 'bare client', perSecond: bare, ratio: 1 },
        ...parts,
        { name: 'Holdfast', perSecond: holdfast, ratio },
      ].map((part) => [remote, what, part.name, whole(part.perSecond), part.ratio.toFixed(2)]),
    ),
  )
}

export function nodeTable(figures: readonly NodeFigure[]): string {
  return table(
    [
      'store',
      'awaited writes/s',
      '50 writers, writes/s',
      'bulk insert of 10,000, docs/s',
      'gets/s',
      'open and first query, ms',
    ],
    figures.map(({ store, writes, writesAtOnce, bulk, gets, open }) => [
      store,
      whole(writes),
      whole(writesAtOnce),
      whole(bulk),
      whole(gets),
      whole(open),
    ]),
  )
}

/** Parts that are smaller are not told one by one. */
const LEAST_SHARE = 0.03

export function profileTable(figures: readonly ProfileFigure[]): string {
  return table(
    ['', 'ms, profiled', 'of which'],
    figures.map(({ workload, ms, shares }) => [
      workload,
      whole(ms),
      Object.entries(shares)
        .filter(([, part]) => part / ms >= LEAST_SHARE)
        .map(([name, part]) => `${name} ${((part / ms) * 100).toFixed(0)} %`)
        .join(', '),
    ]),
  )
}

export function growthTable(
  figures: Readonly<Record<number, Record<string, Record<string, number[]>>>>,
): string {
  const sizes = Object.keys(figures).map(Number)
  const keys = ['W1', 'W1 queued', 'W3', 'W5 query', 'W6 p50', 'W6 p99', 'W9']
  const rows = keys.flatMap((key) =>
    ['rawidb', 'holdfast'].map((name) => [
      `${key}, ${name}`,
      ...sizes.map((size) => {
        const [value] = figures[size]?.[name]?.[key] ?? []
        return value === undefined ? 'failed' : Number(value.toPrecision(3)).toLocaleString('en-GB')
      }),
    ]),
  )
  return table(['documents', ...sizes.map((size) => size.toLocaleString('en-GB'))], rows)
}
