import type { BenchReport } from './result.ts'
import { cellOf, entrantsIn, measuresIn } from './result.ts'

const ROW = 15
const LABEL = 150
const BAR = 460
const WIDTH = LABEL + BAR + 90
/** The axis goes from a thousandth of the floor to a thousand times it. */
const DECADES = 3

/** Times the floor, on a logarithmic axis, with better to the right whatever the unit. */
export function barChart(report: BenchReport): string {
  const parts: string[] = []
  const middle = LABEL + BAR / 2
  let y = 40
  for (const measure of measuresIn(report)) {
    const cells = entrantsIn(report)
      .filter(({ name }) => name !== 'rawidb')
      .map((entrant) => ({ entrant, cell: cellOf(report, entrant.name, measure.key) }))
      .filter(({ cell }) => cell !== null && Number.isFinite(cell.ratio) && cell.ratio > 0)
    if (cells.length === 0) continue
    parts.push(
      `<text x="8" y="${y + 11}" font-weight="bold">${measure.key}: ${escaped(measure.title)}</text>`,
    )
    y += ROW + 2
    for (const { entrant, cell } of cells) {
      const gain = measure.better === 'more' ? (cell?.ratio ?? 1) : 1 / (cell?.ratio ?? 1)
      const length = (clamp(Math.log10(gain)) / DECADES) * (BAR / 2)
      const [x, width] = length < 0 ? [middle + length, -length] : [middle, length]
      const color = entrant.name === 'holdfast' ? '#1b7f5c' : '#9aa7b1'
      parts.push(
        `<text x="${LABEL - 6}" y="${y + 11}" text-anchor="end">${escaped(entrant.title)}</text>`,
        `<rect x="${x.toFixed(1)}" y="${y + 2}" width="${Math.max(1, width).toFixed(1)}" height="${ROW - 4}" fill="${color}"/>`,
        `<text x="${LABEL + BAR + 6}" y="${y + 11}">${Number(gain.toPrecision(2))}× as good</text>`,
      )
      y += ROW
    }
    y += 8
  }
  const axis = `<line x1="${middle}" y1="30" x2="${middle}" y2="${y}" stroke="#333"/>`
  const title = `<text x="8" y="18" font-size="13">Against the raw IndexedDB floor of the same run (line), logarithmic: right is better</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 10}" font-family="sans-serif" font-size="11"><title>Holdfast and its peers against raw IndexedDB</title><rect width="100%" height="100%" fill="#fff"/>${title}${axis}${parts.join('')}</svg>\n`
}

const clamp = (value: number) => Math.max(-DECADES, Math.min(DECADES, value))

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
