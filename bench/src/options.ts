import { Command, InvalidArgumentError } from 'commander'
import { ENTRANTS, FLOOR } from './contestants.ts'
import { WORKLOADS, type Workload } from './workloads.ts'

export interface PeersOptions {
  readonly only: readonly string[]
  readonly workloads: readonly Workload[]
  readonly rounds: number
  readonly documents: number
  readonly deadline: number
  readonly out: string
}

export interface Commands {
  peers(options: PeersOptions): Promise<void>
  growth(options: Pick<PeersOptions, 'rounds' | 'deadline' | 'out'> & { sizes: number[] }): Promise<void>
  remotes(options: { pull: number; drain: number; rounds: number; out: string }): Promise<void>
  profile(options: Pick<PeersOptions, 'workloads' | 'documents' | 'deadline' | 'out'>): Promise<void>
  node(options: { rounds: number; out: string }): Promise<void>
  docs(options: { from: string; to: string }): Promise<void>
}

const OUT = 'test-output/bench'

export async function runCommand(argv: readonly string[], commands: Commands): Promise<void> {
  const program = new Command('bench').description(
    'Measures Holdfast, always next to something in the same run. Results go to a directory; `bench docs` makes the page of them.',
  )
  program
    .command('peers', { isDefault: true })
    .description(
      'Holdfast, a raw IndexedDB floor and its peers in real Chromium. Each scenario has a new profile; rounds are ' +
        'interleaved; figures are medians, and times the floor of the same run. What was moved is checked by counts ' +
        'and digests. Writes bench.json, bench.md and bench.svg. Exits with 1 if a contestant failed.',
    )
    .option(
      '--only <names>',
      `any of ${ENTRANTS.map(({ name }) => name).join(',')}`,
      namesFrom,
      namesFrom('all'),
    )
    .option('--workloads <names>', `any of ${WORKLOADS.join(',')}`, workloadsFrom, [...WORKLOADS])
    .option('--rounds <n>', 'rounds of which medians are taken', countFrom, 3)
    .option('--documents <n>', 'of the first pull; other sizes follow in proportion', documentsFrom, 50_000)
    .option('--deadline <seconds>', 'for one contestant in one scenario', countFrom, 240)
    .option('--out <directory>', 'where the results go', OUT)
    .action(commands.peers)
  program
    .command('growth')
    .description('The floor and Holdfast on stores of growing size. Writes growth.json and growth.svg.')
    .option('--sizes <numbers>', 'documents stored', sizesFrom, [1000, 10_000, 100_000])
    .option('--rounds <n>', 'rounds of which medians are taken', countFrom, 1)
    .option('--deadline <seconds>', 'for one of them at one size', countFrom, 240)
    .option('--out <directory>', 'where the results go', OUT)
    .action(commands.growth)
  program
    .command('remotes')
    .description(
      'First pull and drain against the embedded backends, next to the bare client. Writes remotes.json.',
    )
    .option('--pull <n>', 'rows of a first pull', countFrom, 20_000)
    .option('--drain <n>', 'rows of a drain', countFrom, 5000)
    .option('--rounds <n>', 'rounds of which medians are taken', countFrom, 3)
    .option('--out <directory>', 'where the results go', OUT)
    .action(commands.remotes)
  program
    .command('profile')
    .description(
      'Where the time of Holdfast goes, by the sampling profiler of Chromium. Writes profile.json, and for each workload a .cpuprofile that DevTools open.',
    )
    .option('--workloads <names>', 'any of W1,W2,W3,W4,W7,W10', workloadsFrom, [...WORKLOADS])
    .option('--documents <n>', 'of the first pull; other sizes follow in proportion', documentsFrom, 50_000)
    .option('--deadline <seconds>', 'for one scenario', countFrom, 240)
    .option('--out <directory>', 'where the results go', OUT)
    .action(commands.profile)
  program
    .command('node')
    .description(
      'Operations a second on the memory store and on SQLite, without a browser. Writes node.json.',
    )
    .option('--rounds <n>', 'rounds of which medians are taken', countFrom, 3)
    .option('--out <directory>', 'where the results go', OUT)
    .action(commands.node)
  program
    .command('docs')
    .description('Writes docs/benchmarks.md of the results that are there.')
    .option('--from <directory>', 'the results', OUT)
    .option('--to <directory>', 'where the page goes', 'docs')
    .action(commands.docs)
  await program.parseAsync([...argv])
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

/** Fewer would leave nothing to look for under each of the tags. */
const LEAST = 500

function documentsFrom(text: string): number {
  const documents = countFrom(text)
  if (documents < LEAST) throw new InvalidArgumentError(`At least ${LEAST}.`)
  return documents
}

const sizesFrom = (text: string): number[] => text.split(',').map(documentsFrom)
