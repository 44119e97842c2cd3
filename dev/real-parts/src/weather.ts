import {
  ALL_FAULTS,
  type Fault,
  type FaultPlan,
  type ProxiedRequest,
  seededFaults,
} from '@holdfast/dev-backends'
import { type Random, randomOf } from './random.ts'

/** The header that says whose request it is. */
export const CLIENT_HEADER = 'x-client'

export type Partition = 'none' | 'requests' | 'answers'

/** What a server says when nobody may use it pauses the sync until someone acts: not weather. */
const WEATHER = ALL_FAULTS.filter((fault) => fault.kind !== 'status' || fault.status !== 403)

/**
 * The faults of one seed: each seed draws the kinds and how often, and each client's requests
 * have a numbering of their own, so that a client's n-th request fares the same in each replay.
 */
export class Weather {
  readonly kinds: readonly Fault[]
  readonly rate: number
  /** How often each fault struck, by name. */
  readonly counts: Record<string, number> = {}
  readonly #plans: FaultPlan[] = []
  readonly #counts: number[] = []
  readonly #partitions: Partition[] = []
  readonly #seed: number

  constructor(seed: number) {
    const random: Random = randomOf(seed ^ 0x5eed)
    this.#seed = seed
    const drawn = WEATHER.filter(() => random.chance(0.6))
    this.kinds = drawn.length === 0 ? WEATHER : drawn
    this.rate = random.pick([0.05, 0.15, 0.3, 0.45])
  }

  readonly plan: FaultPlan = (_index, request) => {
    const fault = this.#faultOf(request)
    if (fault !== null) this.counts[nameOf(fault)] = (this.counts[nameOf(fault)] ?? 0) + 1
    return fault
  }

  #faultOf(request: ProxiedRequest): Fault | null {
    const client = Number(request.headers[CLIENT_HEADER])
    const partition = this.#partitions[client] ?? 'none'
    if (partition !== 'none') return { kind: 'silence', handled: partition === 'answers' }
    const index = this.#counts[client] ?? 0
    this.#counts[client] = index + 1
    this.#plans[client] ??= seededFaults(this.#seed * 64 + client, { rate: this.rate, kinds: this.kinds })
    return this.#plans[client]?.(index, request) ?? null
  }

  /** Cuts one client off, in one direction; what was asked for before is not touched. */
  part(client: number, partition: Partition): void {
    this.#partitions[client] = partition
  }
}

/** What the campaign must have seen: a wait that is named or not, a server that handled the request or not. */
function nameOf(fault: Fault): string {
  switch (fault.kind) {
    case 'status':
      if (fault.status === 429) return fault.retryAfter === undefined ? '429' : '429 with retry-after'
      return fault.handled === true ? `${fault.status}, handled` : String(fault.status)
    case 'silence':
      return fault.handled ? 'no answers' : 'no requests'
    default:
      return fault.kind
  }
}

export const FAULT_NAMES: readonly string[] = [
  ...new Set([...WEATHER.map(nameOf), 'no answers', 'no requests']),
]
