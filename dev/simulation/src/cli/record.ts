import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { CampaignResult } from '../campaign.ts'
import type { Hunt } from '../hunt.ts'

const PAGE = fileURLToPath(new URL('../../../../docs/simulation.md', import.meta.url))
const BUGS = fileURLToPath(new URL('../bugs', import.meta.url))

type Row = readonly (string | number)[]

/** Adds one campaign to the table of those that were run. */
export function recordCampaign(of: {
  readonly from: number
  readonly workers: number
  readonly total: CampaignResult
  readonly seconds: number
}): void {
  const { from, workers, total, seconds } = of
  const { seeds, steps, operations, failures } = total
  const row = [
    today(),
    `${from} – ${from + seeds - 1}`,
    ...[seeds, steps, operations].map(grouped),
    failures.length === 0 ? 'none' : failures.map(({ seed, rule }) => `${seed} (${rule})`).join(', '),
    (seeds / seconds).toFixed(1),
    `${machine()}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
  ]
  rewrite('campaigns', (before) => `${before.trimEnd()}\n${lineOf(row)}\n`)
}

/** Writes the table of seeds-to-find anew, and the seeds into the sources of the bugs. */
export function recordHunts(hunts: readonly Hunt[], within: number): void {
  rememberSeeds(hunts)
  const rows = hunts.map(({ bug, found, seconds }): Row => {
    const by = found === null ? ['not found', '–'] : [found.rule, found.seed]
    return [`\`${bug.id}\``, bug.title, ...by, seconds.toFixed(1)]
  })
  const head: Row = ['bug', 'what the engine does wrong', 'found by rule', 'first seed', 'seconds']
  const found = hunts.filter((one) => one.found !== null).length
  const facts = `${found} of ${hunts.length} are found within ${grouped(within)} seeds. Run on ${today()}, ${machine()}.`
  rewrite('bugs', () => `\n${facts}\n\n${tableOf([head, ...rows])}\n`)
}

/** `npm test` runs each bug from the seed that its source names. */
function rememberSeeds(hunts: readonly Hunt[]): void {
  for (const file of readdirSync(BUGS).filter((name) => name.endsWith('.ts'))) {
    const path = join(BUGS, file)
    const before = readFileSync(path, 'utf8')
    let text = before
    for (const { bug, found } of hunts) {
      const at = text.indexOf(`id: '${bug.id}'`)
      if (at < 0 || found === null) continue
      text = text.slice(0, at) + text.slice(at).replace(/foundBy: \d+/, `foundBy: ${found.seed}`)
    }
    if (text !== before) writeFileSync(path, text)
  }
}

function tableOf([head, ...rows]: readonly Row[]): string {
  const lines = [head ?? [], (head ?? []).map(() => '---'), ...rows]
  return `${lines.map(lineOf).join('\n')}\n`
}

const lineOf = (cells: Row) => `| ${cells.join(' | ')} |`
const grouped = (count: number) => count.toLocaleString('en-US')
const today = () => new Date().toISOString().slice(0, 10)

function machine(): string {
  const [cpu] = cpus()
  return `${cpu?.model.trim() ?? 'unknown processor'} (${cpus().length} threads), Node ${process.versions.node}`
}

/** Replaces what stands between two markers of the page, and formats it. */
function rewrite(part: string, change: (before: string) => string): void {
  const text = readFileSync(PAGE, 'utf8')
  const end = `<!-- /${part} -->`
  const begin = new RegExp(`<!-- ${part}: .* -->\\n`).exec(text)
  if (begin === null || !text.includes(end)) throw new Error(`docs/simulation.md has no part "${part}"`)
  const from = begin.index + begin[0].length
  const to = text.indexOf(end)
  writeFileSync(PAGE, text.slice(0, from) + change(text.slice(from, to)) + text.slice(to))
  // On the path of every script of the workspace; it aligns the columns.
  execFileSync('biome', ['check', '--write', PAGE], { stdio: 'ignore' })
}
