import { createHash } from 'node:crypto'
import { canonicalJson, type JsonValue, jsonEquals } from '@holdfast/core'
import type { Place } from './places.ts'

/** What each holder has: `{ 'device A': […], server: […] }`. */
export type Copies = Readonly<Record<string, readonly Place[]>>

const SHOWN = 10

/** Copies that should be the same are not. The message names each difference. */
export class Disagreement extends Error {
  constructor(what: string, differences: readonly string[]) {
    const more = differences.length > SHOWN ? [`… and ${differences.length - SHOWN} more`] : []
    super([what, ...differences.slice(0, SHOWN), ...more].join('\n  '))
    this.name = 'Disagreement'
  }
}

/** Of all documents, whatever their order: equal documents, equal digest. */
export function digestOf(places: readonly Place[]): string {
  const hash = createHash('sha256')
  for (const place of sorted(places)) hash.update(`${canonicalJson(place)}\n`)
  return hash.digest('hex').slice(0, 16)
}

/** The digest that all copies have. Throws a `Disagreement` that names documents and fields. */
export function assertAgree(copies: Copies): string {
  const [[firstName, first], ...rest] = Object.entries(copies) as [
    [string, readonly Place[]],
    ...[string, readonly Place[]][],
  ]
  const differences = rest.flatMap(([name, places]) =>
    digestOf(places) === digestOf(first) ? [] : differencesBetween([firstName, first], [name, places]),
  )
  if (differences.length > 0) throw new Disagreement('The copies disagree:', differences)
  return digestOf(first)
}

export function assertThat(holds: boolean, what: string): void {
  if (!holds) throw new Disagreement(what, [])
}

type Named = readonly [name: string, places: readonly Place[]]

function differencesBetween([nameA, a]: Named, [nameB, b]: Named): string[] {
  const placesA = new Map(a.map((place) => [place.id, place]))
  const placesB = new Map(b.map((place) => [place.id, place]))
  const missing = (from: string, lacking: Map<string, Place>, having: Map<string, Place>) =>
    [...having.keys()].filter((id) => !lacking.has(id)).map((id) => `${id} is not on ${from}`)
  const different = [...placesA].flatMap(([id, placeA]) => {
    const placeB = placesB.get(id)
    return placeB === undefined ? [] : fieldDifferences([nameA, placeA], [nameB, placeB])
  })
  return [...missing(nameA, placesA, placesB), ...missing(nameB, placesB, placesA), ...different]
}

function fieldDifferences([nameA, a]: [string, Place], [nameB, b]: [string, Place]): string[] {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Place>
  return [...fields]
    .filter((field) => !jsonEquals(a[field], b[field]))
    .map((field) => `${a.id}.${field} is ${text(a[field])} on ${nameA} and ${text(b[field])} on ${nameB}`)
}

function text(value: JsonValue | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value)
}

function sorted(places: readonly Place[]): Place[] {
  return [...places].sort((a, b) => (a.id < b.id ? -1 : 1))
}
