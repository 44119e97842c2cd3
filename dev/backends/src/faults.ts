import type { IncomingHttpHeaders } from 'node:http'

/** What goes wrong with one request between a client and its server. */
export type Fault =
  /** The connection is cut; the server never sees the request. */
  | { readonly kind: 'lost-request' }
  /** The server handles the request; the connection is cut before a byte of the answer. */
  | { readonly kind: 'lost-response' }
  /** The server handles the request twice, one after the other; the client gets one of the answers. */
  | { readonly kind: 'duplicate'; readonly answer: 'first' | 'second' }
  /** The server gets the request again, after `ms`, when the client has long had its answer. */
  | { readonly kind: 'echo'; readonly ms: number }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Held until a later request has been answered, or for `ms`. */
  | { readonly kind: 'reorder'; readonly ms: number }
  /** The server handles the request; the answer breaks off in the middle of the body. */
  | { readonly kind: 'truncated' }
  /**
   * A partition: the connection stays open and not a byte comes back until it heals. One-way if
   * `handled`: then the server does handle the request.
   */
  | { readonly kind: 'silence'; readonly handled: boolean }
  /** A captive portal: 200 with a page of HTML; the server never sees the request. */
  | { readonly kind: 'html' }
  /** An answer of the network in between; the server sees the request only if `handled`. */
  | {
      readonly kind: 'status'
      readonly status: 403 | 429 | 500 | 503
      /** Seconds, as the header has it. */
      readonly retryAfter?: number
      readonly handled?: boolean
    }

export interface ProxiedRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** The fault for the `index`th request that faults apply to; null: none. */
export type FaultPlan = (index: number, request: ProxiedRequest) => Fault | null

/** One fault of each kind that a seeded plan draws from. */
export const ALL_FAULTS: readonly Fault[] = [
  { kind: 'lost-request' },
  { kind: 'lost-response' },
  { kind: 'duplicate', answer: 'first' },
  { kind: 'duplicate', answer: 'second' },
  { kind: 'echo', ms: 20 },
  { kind: 'delay', ms: 20 },
  { kind: 'reorder', ms: 40 },
  { kind: 'truncated' },
  { kind: 'html' },
  { kind: 'status', status: 429, retryAfter: 0 },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, handled: true },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 403 },
]

/** A fault with probability `rate`, one of `kinds`; the choice depends on seed and index alone. */
export function seededFaults(seed: number, options: { rate: number; kinds?: readonly Fault[] }): FaultPlan {
  const kinds = options.kinds ?? ALL_FAULTS
  return (index) => {
    if (unit(seed, 2 * index) >= options.rate) return null
    return kinds[Math.floor(unit(seed, 2 * index + 1) * kinds.length)] ?? null
  }
}

/** The given faults for the first requests, none afterwards. */
export function scriptedFaults(faults: readonly (Fault | null)[]): FaultPlan {
  return (index) => faults[index] ?? null
}

/** A number in [0, 1) that depends on `seed` and `index` alone (finalizer of MurmurHash3). */
function unit(seed: number, index: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}
