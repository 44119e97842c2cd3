import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeFigure } from '../node/run.ts'
import type { ProfileFigure } from '../profile/run.ts'
import type { RemoteFigure } from '../remotes/run.ts'
import { markdownTable } from './markdown.ts'
import { type BenchReport, entrantsIn, type Machine } from './result.ts'
import { growthTable, nodeTable, partsTable, profileTable, remotesTable } from './tables.ts'

interface Kept<T> {
  readonly date: string
  readonly machine: Machine
  readonly figures: T
}

/** What people wrote about the figures stands in a file of its own and is copied in. */
const NOTES = new URL('../../notes.md', import.meta.url)

/** Makes docs/benchmarks.md of the results that are in `from`; returns its path. */
export function writePage(from: string, to: string): string {
  const read = <T>(name: string): T | null =>
    existsSync(join(from, name)) ? (JSON.parse(readFileSync(join(from, name), 'utf8')) as T) : null
  const peers = read<BenchReport>('bench.json')
  if (peers === null) throw new Error(`There is no bench.json in ${from}: run \`pnpm bench\` first.`)
  const growth = read<Kept<Parameters<typeof growthTable>[0]>>('growth.json')
  const remotes = read<Kept<RemoteFigure[]>>('remotes.json')
  const node = read<Kept<NodeFigure[]>>('node.json')
  const profile = read<Kept<ProfileFigure[]>>('profile.json')
  mkdirSync(join(to, 'benchmarks'), { recursive: true })
  for (const name of [
    'bench.json',
    'bench.svg',
    'growth.json',
    'growth.svg',
    'remotes.json',
    'profile.json',
    'node.json',
  ]) {
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, 'benchmarks', name))
  }
  const parts = [
    '# Benchmarks',
    'Made by `pnpm bench docs` of the results of a run; the results themselves are in `benchmarks/`. Absolute figures move from run to run and between machines: compare ratios within one run.',
    '## Peers, in the browser',
    `${whenAndWhere(peers)} ${peers.browser}. ${versions(peers)} Medians of ${peers.rounds} rounds; ${peers.documents.toLocaleString('en-GB')} documents of about 300 bytes of JSON in the first pull. In brackets: times \`rawidb\` of the same run.`,
    markdownTable(peers),
    failures(peers),
    '![Holdfast and its peers against the floor](benchmarks/bench.svg)',
    entrantsIn(peers)
      .map(({ title, note }) => `- **${title}**: ${note}.`)
      .join('\n'),
    ...(growth === null
      ? []
      : [
          '## How cost grows',
          `${whenAndWhere(growth)} One run at each size, in turn; W1 and W6 on top of what is stored; units as above.`,
          growthTable(growth.figures),
          '![Cost by documents stored](benchmarks/growth.svg)',
        ]),
    ...(profile === null
      ? []
      : [
          '## Where the time goes',
          `${whenAndWhere(profile)} One run of Holdfast under Chromium’s sampling profiler, from the call of the step until DevTools heard of its end; time spent in a module itself, by its folder, without what it calls elsewhere; shares below three per cent are left out.`,
          profileTable(profile.figures),
        ]),
    ...(remotes === null
      ? []
      : [
          '## Remotes, end to end',
          `${whenAndWhere(remotes)} The whole engine on the memory store in Node, against PostgreSQL with PostgREST and a DynamoDB-compatible engine on the same machine, next to the bare client in the same run. Bare client: ${[...new Set(remotes.figures.map((one) => `${one.remote}: ${one.bareBatches}`))].join('; ')}. A drain of Holdfast also asks for what is new, in the same round. Medians of rounds after one that does not count, in which all code runs for the first time.`,
          remotesTable(remotes.figures),
          'Parts of the way by themselves, in the same rounds: what the platform allows, and what each layer takes.',
          partsTable(remotes.figures),
        ]),
    ...(node === null ? [] : ['## Without a browser', whenAndWhere(node), nodeTable(node.figures)]),
    readFileSync(NOTES, 'utf8').trim(),
  ]
  const path = join(to, 'benchmarks.md')
  writeFileSync(path, `${parts.filter((part) => part !== '').join('\n\n')}\n`)
  return path
}

function whenAndWhere({ date, machine }: { date: string; machine: Machine }): string {
  const { cpu, cores, memoryGb, os, node, load } = machine
  return `${date.slice(0, 10)}, ${cpu}, ${cores} cores, ${memoryGb} GB, ${os}, Node ${node}, load ${load} when it began.`
}

function versions({ versions: pinned }: BenchReport): string {
  const entries = Object.entries(pinned).map(([name, version]) => `${name} ${version}`)
  return entries.length === 0 ? '' : `${entries.join(', ')}.`
}

function failures({ failed }: BenchReport): string {
  const lines = Object.entries(failed).flatMap(([name, reasons]) => reasons.map((one) => `- ${name}: ${one}`))
  return lines.length === 0 ? '' : `Failed:\n\n${lines.join('\n')}`
}
