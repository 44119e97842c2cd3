import type {
  Checkpoint,
  Document,
  LocatedVersion,
  Origin,
  PullPage,
  PullRequest,
  PushMutation,
  PushOutcome,
  RemoteChange,
  RemoteStore,
} from '@holdfast/core'
import { check, fail } from '../suite/check.ts'
import type { Maker, MutationParts } from './maker.ts'

export interface PullOptions {
  readonly limit?: number
  readonly collections?: readonly string[]
}

const COLLECTIONS = ['notes', 'tasks'] as const
const PASSES = 200
const PAGES = 3_000
const never = () => new AbortController().signal

/** A minimal replica: pushes until outcomes are settled, pulls pages, keeps the latest version of each document. */
export class Client {
  readonly store: RemoteStore
  readonly replica: string
  readonly #make: Maker
  readonly checkpoints: Record<string, Checkpoint | null> = {}
  origin: Origin | null = null
  /** The latest version of each document that was pulled, by collection and id. */
  readonly seen = new Map<string, LocatedVersion>()

  constructor(store: RemoteStore, { replica, make }: { readonly replica: string; readonly make: Maker }) {
    this.store = store
    this.replica = replica
    this.#make = make
  }

  mutation(parts: MutationParts): PushMutation {
    return this.#make.mutation(this.replica, parts)
  }

  /** One push, as it is. */
  async pushOnce(mutations: readonly PushMutation[], signal = never()): Promise<readonly PushOutcome[]> {
    const { outcomes } = await this.store.push({ mutations, replica: this.replica, signal })
    check(
      outcomes.length === mutations.length,
      `A push of ${mutations.length} mutations must be answered with as many outcomes, in their order. Received ${outcomes.length}.`,
    )
    return outcomes
  }

  /** Pushes as many as the remote takes at once, and sends again what came back as `retry`, until each is decided. */
  async push(...mutations: readonly PushMutation[]): Promise<PushOutcome[]> {
    const settled = new Map<PushMutation, PushOutcome>()
    for (let pass = 0; pass < PASSES; pass++) {
      const open = mutations.filter((mutation) => !settled.has(mutation))
      if (open.length === 0) break
      let wait = 0
      const batch = open.slice(0, this.store.capabilities.maxBatch)
      for (const [i, outcome] of (await this.pushOnce(batch)).entries()) {
        if (outcome.kind === 'retry') wait = Math.max(wait, outcome.after)
        else settled.set(open[i] as PushMutation, outcome)
      }
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    }
    check(
      settled.size === mutations.length,
      `${mutations.length - settled.size} mutations were still \`retry\` after ${PASSES} passes: a push must make progress.`,
    )
    return mutations.map((mutation) => settled.get(mutation) as PushOutcome)
  }

  /** Pushes one mutation and demands that it takes effect now. */
  async apply(parts: MutationParts): Promise<PushMutation> {
    const mutation = this.mutation(parts)
    await this.applyAll([mutation])
    return mutation
  }

  /** Pushes in batches that the remote takes, and demands that each takes effect now. */
  async applyAll(mutations: readonly PushMutation[]): Promise<void> {
    const { maxBatch } = this.store.capabilities
    for (let from = 0; from < mutations.length; from += maxBatch) {
      const batch = mutations.slice(from, from + maxBatch)
      for (const [i, outcome] of (await this.push(...batch)).entries()) {
        const mutation = batch[i] as PushMutation
        checkApplied(outcome, mutation)
      }
    }
  }

  /** One page from the client's checkpoints, which it moves. */
  async pull({ limit = 100, collections = COLLECTIONS }: PullOptions = {}): Promise<PullPage> {
    const request: PullRequest = {
      checkpoints: Object.fromEntries(collections.map((name) => [name, this.checkpoints[name] ?? null])),
      origin: this.origin,
      limit,
      replica: this.replica,
      signal: never(),
    }
    const page = await this.store.pull(request)
    for (const change of page.changes) this.#take(change, request)
    for (const name of Object.keys(page.checkpoints)) {
      check(
        collections.includes(name),
        `A pull of ${collections.join(', ')} returned a checkpoint for ${name}.`,
      )
    }
    Object.assign(this.checkpoints, page.checkpoints)
    this.origin = page.origin
    return page
  }

  /** Pages until `hasMore` is false; returns every change. */
  async pullAll(options: PullOptions = {}): Promise<RemoteChange[]> {
    const changes: RemoteChange[] = []
    for (let pages = 0; pages < PAGES; pages++) {
      const before = JSON.stringify([this.checkpoints, this.origin])
      const page = await this.pull(options)
      changes.push(...page.changes)
      if (!page.hasMore) return changes
      check(
        before !== JSON.stringify([this.checkpoints, this.origin]),
        'A page said `hasMore` and moved no checkpoint: the client would ask for it for ever.',
      )
    }
    return fail(`hasMore was still true after ${PAGES} pages: each page must move its checkpoints on.`)
  }

  version(id: string, collection = 'notes'): LocatedVersion | undefined {
    return this.seen.get(`${collection}/${id}`)
  }

  value(id: string, collection = 'notes'): Document | null | undefined {
    return this.version(id, collection)?.value
  }

  #take(change: RemoteChange, { checkpoints }: PullRequest): void {
    const { collection, id, rev, hlc, value, own } = change
    check(
      Object.hasOwn(checkpoints, collection),
      `A pull of ${Object.keys(checkpoints).join(', ')} returned a change of ${collection}: answer only for the collections asked for.`,
    )
    const sent = own === true ? this.#make.valueSent(rev, this.replica) : value
    check(
      sent !== undefined,
      'A value was left out (`own`) for a revision that the asking replica did not make: it has nothing to fill it in from. Leave out only the value of a revision that the asking replica made itself, never by who made an earlier one.',
    )
    if (own === true) {
      check(
        checkpoints[collection] !== null,
        'A value was left out (`own`) although the checkpoint was null: a replica that starts over has nothing to fill it in from.',
      )
    }
    this.seen.set(`${collection}/${id}`, { collection, id, rev, hlc, value: sent })
  }
}

export function checkApplied(outcome: PushOutcome | undefined, mutation: PushMutation): void {
  check(
    outcome?.kind === 'applied',
    `A mutation on the current base must be \`applied\`. Received: ${JSON.stringify(outcome)}`,
  )
  check(
    outcome.rev === mutation.id,
    'The rev of the version that a mutation makes is the id of the mutation.',
  )
  check(
    outcome.hlc === mutation.hlc,
    'The hlc of the version that a mutation makes is the hlc of the mutation.',
  )
}
