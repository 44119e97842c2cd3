import type { Hlc } from './document.ts'

/*
 * Hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014) as fixed-width text:
 *
 *   <wall: 12 hex digits of ms since 1970>-<counter: 4 hex digits>-<replica: 16 hex digits>
 *
 * Fixed width and lower case, so byte order of the text is time order in JavaScript, in SQL with
 * COLLATE "C" and in DynamoDB.
 */

export const HLC_PATTERN = /^[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{16}$/
export const MAX_COUNTER = 0xffff

export interface HlcParts {
  readonly wall: number
  readonly counter: number
  readonly replica: string
}

export function formatHlc({ wall, counter, replica }: HlcParts): Hlc {
  return `${wallText(wall)}-${BYTES[counter >> 8]}${BYTES[counter & 0xff]}-${replica}`
}

export function wallText(wall: number): string {
  return wall.toString(16).padStart(12, '0')
}

const BYTES = Array.from({ length: 256 }, (_, byte) => (0x100 + byte).toString(16).slice(1))

/**
 * Makes timestamps that end alike, of two parts that are kept: of those that follow each other, each then
 * costs one small object until somebody reads it.
 */
export class StampText {
  readonly #tail: string
  readonly #endings: string[] = []
  #wall = Number.NaN
  #high = -1
  #beginning = ''

  /** `tail`: what comes after the counter, such as the replica. */
  constructor(tail: string) {
    this.#tail = tail
  }

  at({ wall, counter }: { readonly wall: number; readonly counter: number }): string {
    const high = counter >> 8
    if (wall !== this.#wall || high !== this.#high) {
      this.#wall = wall
      this.#high = high
      this.#beginning = `${wallText(wall)}-${BYTES[high]}`
    }
    const low = counter & 0xff
    this.#endings[low] ??= `${BYTES[low]}-${this.#tail}`
    return this.#beginning + this.#endings[low]
  }
}

export function parseHlc(hlc: Hlc): HlcParts {
  return {
    wall: wallOf(hlc),
    counter: Number.parseInt(hlc.slice(13, 17), 16),
    replica: hlc.slice(18),
  }
}

export function isHlc(text: unknown): text is Hlc {
  return typeof text === 'string' && HLC_PATTERN.test(text)
}

/** Ms since 1970. */
export function wallOf(hlc: Hlc): number {
  return Number.parseInt(hlc.slice(0, 12), 16)
}

/** The same reading, as another replica would stamp it. */
export function ofReplica(hlc: Hlc, replica: string): Hlc {
  return hlc.slice(0, 18) + replica
}

/** The replica that made this timestamp. */
export function replicaOf(hlc: Hlc): string {
  return hlc.slice(18)
}

/** The smallest timestamp of `replica` that is greater than `hlc`, whatever the replicas' order. */
export function successorOf(hlc: Hlc, replica: string): Hlc {
  const { wall, counter } = parseHlc(hlc)
  return counter < MAX_COUNTER
    ? formatHlc({ wall, counter: counter + 1, replica })
    : formatHlc({ wall: wall + 1, counter: 0, replica })
}

/** The latest of some timestamps; an empty text is before all. */
export function latestOf(...hlcs: readonly Hlc[]): Hlc {
  return hlcs.reduce((latest, hlc) => (latest < hlc ? hlc : latest), '')
}
