import { median } from '../percentile.ts'
import { MEASURES } from '../workloads.ts'

export interface GrowthReport {
  readonly figures: Readonly<Record<number, Readonly<Record<string, Readonly<Record<string, number[]>>>>>>
}

const SHOWN = ['W1', 'W3', 'W5 query', 'W6 p50', 'W6 p99', 'W9']
const COLORS: Readonly<Record<string, string>> = { rawidb: '#9aa7b1', holdfast: '#1b7f5c' }
const [WIDTH, HEIGHT, PAD] = [300, 170, 34]

/** One small picture for each workload, both axes logarithmic. */
export function growthChart({ figures }: GrowthReport): string {
  const sizes = Object.keys(figures).map(Number)
  const pictures = SHOWN.map((key, at) => {
    const [x, y] = [(at % 3) * WIDTH, Math.floor(at / 3) * HEIGHT + 24]
    return `<g transform="translate(${x},${y})">${picture(key, sizes, figures)}</g>`
  })
  const title = `<text x="8" y="16" font-size="13">By documents stored: Holdfast (green), raw IndexedDB (grey)</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${3 * WIDTH}" height="${2 * HEIGHT + 30}" font-family="sans-serif" font-size="10"><title>Cost by documents stored</title><rect width="100%" height="100%" fill="#fff"/>${title}${pictures.join('')}</svg>\n`
}

function picture(key: string, sizes: readonly number[], figures: GrowthReport['figures']): string {
  const lines = Object.keys(COLORS).map((name) => ({
    name,
    points: sizes.flatMap((size) => {
      const values = figures[size]?.[name]?.[key]
      return values === undefined ? [] : [{ size, value: Math.max(0.01, median(values)) }]
    }),
  }))
  const all = lines.flatMap(({ points }) => points.map(({ value }) => Math.log10(value)))
  const [low, high] = [
    Math.floor(Math.min(...all)),
    Math.max(Math.ceil(Math.max(...all)), Math.floor(Math.min(...all)) + 1),
  ]
  const [first, last] = [Math.log10(sizes[0] ?? 1), Math.log10(sizes.at(-1) ?? 10)]
  const xOf = (size: number) =>
    PAD + ((Math.log10(size) - first) / Math.max(0.1, last - first)) * (WIDTH - 2 * PAD)
  const yOf = (value: number) => HEIGHT - 22 - ((Math.log10(value) - low) / (high - low)) * (HEIGHT - 60)
  const measure = MEASURES.find((one) => one.key === key)
  const drawn = lines.map(({ name, points }) => {
    const path = points.map(({ size, value }) => `${xOf(size).toFixed(1)},${yOf(value).toFixed(1)}`)
    const labels = points.map(
      ({ size, value }) =>
        `<text x="${xOf(size).toFixed(1)}" y="${(yOf(value) - 5).toFixed(1)}" text-anchor="middle" fill="${COLORS[name]}">${Number(value.toPrecision(3))}</text>`,
    )
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${COLORS[name]}" stroke-width="2"/>${labels.join('')}`
  })
  const ticks = sizes.map(
    (size) =>
      `<text x="${xOf(size).toFixed(1)}" y="${HEIGHT - 6}" text-anchor="middle">${size.toLocaleString('en-GB')}</text>`,
  )
  return `<text x="8" y="14" font-weight="bold">${key}: ${measure?.unit ?? ''}</text>${drawn.join('')}${ticks.join('')}`
}
