/*
 * Runs the conformance suite of each adapter on the real thing and writes what came of it into the
 * adapter's README, between the markers. Only the date and the versions change from run to run.
 * `packages/testkit/test/reports.test.ts` fails when a suite or an adapter has changed since.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const START = '<!-- conformance: written by `pnpm conformance-report` -->'
const END = '<!-- /conformance -->'
/** The title of the test that states a suite's facts; it is no case. */
const FACTS = 'facts for the report'

const REPORTED = {
  'adapter-indexeddb': ['test/conformance.browser.test.ts'],
  'adapter-localstorage': ['test/conformance.browser.test.ts', 'test/conformance.test.ts'],
  'adapter-sqlite': ['test/conformance.test.ts'],
  'adapter-supabase': ['test/conformance.backend.test.ts'],
  'adapter-dynamodb': ['test/conformance.backend.test.ts'],
}

/** What vitest says of each file, by its path in the repository. */
function runSuites() {
  const files = Object.entries(REPORTED).flatMap(([name, tests]) =>
    tests.map((test) => `packages/${name}/${test}`),
  )
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-report-'))
  try {
    const outputFile = join(dir, 'report.json')
    runTool('vitest', ['run', ...files, '--reporter=json', `--outputFile=${outputFile}`])
    const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8'))
    const byFile = new Map(testResults.map((one) => [relative(ROOT, one.name), one.assertionResults]))
    const missing = files.filter((file) => !byFile.has(file))
    if (missing.length > 0) throw new Error(`These suites did not run: ${missing.join(', ')}`)
    return byFile
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** One column for each suite of a file: its tests stand under one heading, or under none. */
function columnsOf(tests) {
  const suites = Map.groupBy(tests, ({ ancestorTitles }) => ancestorTitles.join(' '))
  return [...suites].map(([heading, all]) => {
    const facts = all.find(({ title }) => title === FACTS)?.meta.conformance
    if (facts === undefined) throw new Error(`The suite "${heading}" has no test "${FACTS}".`)
    const cases = all.filter(({ title }) => title !== FACTS)
    const failed = cases.filter(({ status }) => status !== 'passed')
    const gaps = cases.filter(({ title }) => title.includes('[known gap:'))
    return {
      title: facts.title,
      failed: failed.map(({ title }) => title),
      rows: {
        'ran on': facts.on,
        'cases run': cases.length,
        passed: cases.length - failed.length - gaps.length,
        'known gaps': gaps.length,
        'left out, for want of': leftOutText(facts.leftOut),
        ...Object.fromEntries(
          Object.entries(facts.capabilities).map(([name, value]) => [`\`${name}\``, shown(value)]),
        ),
      },
    }
  })
}

/** `2 × crash, 1 × no binary`: how many cases lack what. */
function leftOutText(leftOut) {
  const byWant = Map.groupBy(leftOut, ({ unmet }) => unmet.join(' and '))
  return [...byWant].map(([want, cases]) => `${cases.length} × ${want}`).join(', ') || 'nothing'
}

function shown(value) {
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'number') return value.toLocaleString('en-US')
  return value === true ? 'yes' : value === false ? 'no' : String(value)
}

function tableOf(columns) {
  const names = [...new Set(columns.flatMap(({ rows }) => Object.keys(rows)))]
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [
    line(['', ...columns.map(({ title }) => title)]),
    line(['---', ...columns.map(() => '---')]),
    ...names.map((name) => line([name, ...columns.map(({ rows }) => rows[name] ?? '')])),
  ].join('\n')
}

function writeReport(name, columns) {
  const path = join(ROOT, 'packages', name, 'README.md')
  const text = readFileSync(path, 'utf8')
  const date = new Date().toISOString().slice(0, 10)
  const body = `${START}\n\nThe suite of [\`@holdfast/testkit\`](../testkit/README.md), last run on ${date}.\n\n${tableOf(columns)}\n\n${END}`
  const [start, end] = [text.indexOf(START), text.indexOf(END)]
  const after =
    start === -1
      ? `${text.trimEnd()}\n\n## Conformance\n\n${body}\n`
      : text.slice(0, start) + body + text.slice(end + END.length)
  writeFileSync(path, after)
}

const results = runSuites()
const reports = Object.entries(REPORTED).map(([name, tests]) => ({
  name,
  columns: tests.flatMap((test) => columnsOf(results.get(`packages/${name}/${test}`))),
}))
const failures = reports.flatMap(({ name, columns }) =>
  columns.flatMap(({ title, failed }) => failed.map((one) => `${name}, ${title}: ${one}`)),
)
if (failures.length > 0) {
  process.stderr.write(`Nothing was written: ${failures.length} cases failed.\n${failures.join('\n')}\n`)
  process.exit(1)
}
/** With the tools of the workspace on the path. */
function runTool(tool, args) {
  const env = { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}` }
  return spawnSync(tool, args, { cwd: ROOT, stdio: 'ignore', env })
}

for (const { name, columns } of reports) {
  writeReport(name, columns)
  for (const { title, rows } of columns)
    process.stdout.write(`${name}, ${title}: ${rows.passed} of ${rows['cases run']} cases passed\n`)
}
runTool('biome', ['format', '--write', ...reports.map(({ name }) => `packages/${name}/README.md`)])
