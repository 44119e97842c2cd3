import type { Document, Hlc, Rev } from './document.ts'
import { MAX_COUNTER, parseHlc, StampText } from './hlc.ts'
import type { Mutation } from './mutation.ts'

/**
 * A stretch of a list of mutations, from `from` to before `to`: creations in one collection, on no base, that
 * one write stamped one right after the other. The id and timestamp of the first tell those of the others.
 */
export interface Run {
  readonly from: number
  readonly to: number
}

/** What one write stamped, in the order of the stamps. */
export interface Stamped {
  readonly mutations: readonly Mutation[]
  /** Those among them, in their order. */
  readonly runs: readonly Run[]
}

/** Finds the runs as mutations are stamped. */
export class Runs {
  readonly found: { from: number; to: number }[] = []
  #wall: number | null = null

  /** `wall`: of the stamp of the mutation at `at`; null: that one belongs to no run. */
  add(at: number, wall: number | null): void {
    const last = this.found.at(-1)
    if (wall !== null && wall === this.#wall && last) last.to++
    else if (wall !== null) this.found.push({ from: at, to: at + 1 })
    this.#wall = wall
  }
}

/** The mutations of a run. */
export function mutationsOf(
  documents: readonly Document[],
  { id, hlc, collection }: { readonly id: Rev; readonly hlc: Hlc; readonly collection: string },
): Mutation[] {
  const { wall, counter, replica } = parseHlc(hlc)
  if (counter + documents.length - 1 > MAX_COUNTER) throw new RangeError('a run ends with its moment')
  const [ids, hlcs] = [new StampText(id.slice(18)), new StampText(replica)]
  return documents.map((value, n) => {
    const moment = { wall, counter: counter + n }
    const change = { kind: 'create', value } as const
    return { id: ids.at(moment), hlc: hlcs.at(moment), collection, documentId: value.id, base: null, change }
  })
}
