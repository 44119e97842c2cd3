import { Command, InvalidArgumentError } from 'commander'
import { ENTRANTS, FLOOR } from './contestants.ts'
import type { RunOptions } from './run.ts'
import { WORKLOADS, type Workload } from './workloads.ts'

export interface BenchOptions extends RunOptions {
  readonly out: string
}

export function parseOptions(argv: readonly string[]): BenchOptions {
  const { only, ...rest } = new Command('bench')
    .description(
      'Holdfast, a raw IndexedDB floor and its peers, side by side in real Chromium. Each scenario has a new profile; ' +
        'rounds are interleaved; figures are medians and times the floor of the same run. What was moved is checked by ' +
        'counts and digests. Writes bench.json, bench.md and bench.svg. Exits with 1 if a contestant failed.',
    )
    .option(
      '--only <names>',
      `any of ${ENTRANTS.map(({ name }) => name).join(',')}`,
      namesFrom,
      namesFrom('all'),
    )
    .option('--workloads <names>', `any of ${WORKLOADS.join(',')}`, workloadsFrom, [...WORKLOADS])
    .option('--rounds <n>', 'rounds of which medians are taken', countFrom, 3)
    .option(
      '--documents <n>',
      'documents of the first pull; other sizes follow in proportion',
      documentsFrom,
      50_000,
    )
    .option('--deadline <seconds>', 'for one contestant in one scenario', countFrom, 240)
    .option('--out <directory>', 'where the results go', 'test-output/bench')
    .parse([...argv])
    .opts<Omit<BenchOptions, 'entrants'> & { only: readonly string[] }>()
  return { ...rest, entrants: ENTRANTS.filter(({ name }) => only.includes(name)) }
}

function namesFrom(text: string): string[] {
  const known = ENTRANTS.map(({ name }) => name)
  if (text === 'all') return known
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${known.join(', ')}.`)
  // Ratios are against the floor of the same run.
  return names.includes(FLOOR) ? names : [FLOOR, ...names]
}

function workloadsFrom(text: string): Workload[] {
  const names = text.split(',')
  const unknown = names.find((name) => !(WORKLOADS as readonly string[]).includes(name))
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is none of ${WORKLOADS.join(', ')}.`)
  }
  return names as Workload[]
}

function countFrom(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('A whole number above 0.')
  return count
}

/** The queries ask for fifty documents of one of fifty tags. */
const LEAST = 2500

function documentsFrom(text: string): number {
  const documents = countFrom(text)
  if (documents < LEAST) throw new InvalidArgumentError(`At least ${LEAST}.`)
  return documents
}
