import type { Session } from '../browser/session.ts'
import type { Digest } from '../contacts.ts'
import type { Link } from '../contestants/contestant.ts'
import type { BenchServer } from '../server/bench-server.ts'
import type { Workload } from '../workloads.ts'

export type Figures = Record<string, number>

export interface Sizes {
  /** Documents at the server for the large scenario; the other sizes follow from it. */
  readonly documents: number
  readonly writes: number
  /** Of each writer of those at once. */
  readonly writesAtOnce: number
  /** With the queue that a bulk insert left. */
  readonly queuedWrites: number
  readonly updates: number
  readonly bulk: number
  readonly drain: number
  readonly observed: number
}

/** What a scenario does with its page. */
export type Steps = Pick<Session, 'run' | 'collect' | 'heap' | 'reopen' | 'restart' | 'profiled'>

export interface Stage {
  readonly session: Steps
  readonly server: BenchServer
  readonly link: Link
  readonly sizes: Sizes
  /** Whether a workload was asked for and the contestant can do it. */
  wants(workload: Workload): boolean
}

/** What is measured on one fresh profile. */
export interface Scenario {
  readonly name: string
  readonly workloads: readonly Workload[]
  /** Documents at the server to begin with. */
  documents(sizes: Sizes): number
  run(stage: Stage): Promise<Figures>
}

export const sizesFor = (documents: number): Sizes => {
  const part = documents / 50_000
  const scaled = (count: number) => Math.max(100, Math.round(count * part))
  return {
    documents,
    // A page that was just opened runs its code for the first time, which takes most of the first hundreds.
    writes: scaled(2000),
    writesAtOnce: Math.max(2, Math.round(scaled(400) / 20)),
    queuedWrites: scaled(200),
    updates: Math.max(60, Math.round(scaled(400) / 2)),
    bulk: scaled(10_000),
    drain: scaled(5000),
    observed: Math.max(2500, scaled(10_000)),
  }
}

/** One bulk write, in ms. What the bench made for it is not collected on its time. */
export async function putMany(session: Steps, of: { first: number; count: number }): Promise<number> {
  await session.run('make', of)
  await session.collect()
  return session.run('putMany', null)
}

/** Fails unless the contestant shows exactly what it must, and has as much waiting as it must. */
export async function expectSame(
  stage: Stage,
  expected: Digest,
  { pending }: { pending: number },
): Promise<void> {
  const found = await stage.session.run('digest')
  if (
    found.count !== expected.count ||
    found.sum !== expected.sum ||
    (found.pending ?? pending) !== pending
  ) {
    throw new Error(
      `Moved ${found.count} documents with digest ${found.sum} and ${found.pending} waiting; expected ` +
        `${expected.count} with ${expected.sum} and ${pending} waiting.`,
    )
  }
}

export function expectServer(stage: Stage, expected: Digest): void {
  const found = stage.server.feed.digest()
  if (found.count !== expected.count || found.sum !== expected.sum) {
    throw new Error(
      `The server has ${found.count} documents with digest ${found.sum}; expected ${expected.count} with ${expected.sum}.`,
    )
  }
}
