import { type Conflict, type Document, formatHlc, type JsonValue } from '@holdfast/core'
import { type Random, seededRandom } from '../virtual/random.ts'

const FIELDS = ['title', 'body', 'count', 'done', 'tags', 'meta', 'toString']
const ID = 'doc-1'

/** Conflicts of every shape: no base, equal sides, fields added, changed and removed, on either side or on both. */
export function conflictCorpus(seed: string, count: number): Conflict[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const base = random() < 0.25 ? null : documentOf(random, null)
    const local = documentOf(random, base)
    const remote =
      random() < 0.15 ? (JSON.parse(JSON.stringify(local)) as Document) : documentOf(random, base)
    const context = { collection: 'notes', id: ID, localHlc: hlcOf(random), remoteHlc: hlcOf(random) }
    return { base, local, remote, context }
  })
}

/** The same JSON value with its keys in the opposite order at every level. */
export function reordered<T extends JsonValue>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(reordered) as unknown as T
  const entries = Object.entries(value as Record<string, JsonValue>).reverse()
  return Object.fromEntries(entries.map(([key, item]) => [key, reordered(item)])) as T
}

function documentOf(random: Random, base: Document | null): Document {
  const fields: Record<string, JsonValue> = {}
  for (const field of FIELDS) {
    const before = base !== null && Object.hasOwn(base, field) ? base[field] : undefined
    if (before !== undefined && random() < 0.5) fields[field] = before
    else if (random() < 0.6) fields[field] = fieldValue(random)
  }
  return { ...fields, id: ID }
}

function fieldValue(random: Random): JsonValue {
  const values: JsonValue[] = [
    null,
    true,
    false,
    0,
    1,
    -2.5,
    '',
    'a',
    'b',
    '😀',
    [],
    ['a'],
    ['a', 'b'],
    {},
    { a: 1 },
    { a: 1, b: { c: [null] } },
  ]
  return values[Math.floor(random() * values.length)] ?? null
}

function hlcOf(random: Random): string {
  const wall = 1_700_000_000_000 + Math.floor(random() * 5)
  return formatHlc({ wall, counter: 0, replica: random() < 0.5 ? '0'.repeat(16) : 'f'.repeat(16) })
}
