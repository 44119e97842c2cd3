import fc from 'fast-check'
import type { Conflict } from '../src/contracts/conflict-strategy.ts'
import type { Document } from '../src/model/document.ts'
import { formatHlc } from '../src/model/hlc.ts'
import type { JsonValue } from '../src/model/json.ts'

/** Few keys and few values, so that both sides often touch the same field, alike or not. */
const leaves: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue>(
  null,
  0,
  1,
  'a',
  'b',
  true,
  [],
  [1],
  [1, 2],
)
const keys = fc.constantFrom('a', 'b', 'c', 'd')
const values: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    leaves,
    fc.dictionary(keys, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value

export const documents: fc.Arbitrary<Document> = fc
  .dictionary(keys, values, { maxKeys: 4, noNullPrototype: true })
  .map((fields) => ({ ...fields, id: 'x' }))

export const hlcs = fc
  .record({ wall: fc.integer({ min: 0, max: 3 }), counter: fc.integer({ min: 0, max: 1 }) })
  .map((parts) => formatHlc({ ...parts, replica: '0'.repeat(16) }))

export const conflicts: fc.Arbitrary<Conflict> = fc
  .record({
    base: fc.option(documents),
    local: documents,
    remote: documents,
    localHlc: hlcs,
    remoteHlc: hlcs,
  })
  .map(({ localHlc, remoteHlc, ...sides }) => ({
    ...sides,
    context: { collection: 'things', id: 'x', localHlc, remoteHlc },
  }))

export function swapped({ base, local, remote, context }: Conflict): Conflict {
  const { localHlc, remoteHlc } = context
  return {
    base,
    local: remote,
    remote: local,
    context: { ...context, localHlc: remoteHlc, remoteHlc: localHlc },
  }
}

export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const item of Object.values(value)) deepFreeze(item)
  return Object.freeze(value)
}
