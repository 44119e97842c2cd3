import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_COUNTER, wallOf } from '../model/hlc.ts'
import type { Stamped } from '../model/run.ts'
import { Clock } from '../runtime/clock.ts'
import { decodeLog, encodeLog } from '../storage/records.ts'
import { Tables } from '../storage/tables.ts'
import type { DraftParts } from './draft.ts'
import { Gates } from './gates.ts'
import { insertMany } from './insert-many.ts'

const REPLICA = 'a'.repeat(16)
const OTHER = 'b'.repeat(16)

/** A writer whose clock shows each of `times` once, and then the last one for ever. */
function writerAt(times: readonly number[]) {
  const left = [...times]
  const now = () => (left.length > 1 ? (left.shift() as number) : (left[0] ?? 1))
  const tables = new Tables(() => ({ value: null, conflict: null }))
  let digits = 0
  const parts: DraftParts = {
    tables,
    ready: () => null,
    openHold: () => ({ add: () => null, release: () => undefined }),
    gates: new Gates(),
    clock: new Clock({ now, replica: REPLICA, onDrift: () => undefined }),
    randomHex: (length) => String(digits++).padStart(length, '0'),
    rulesOf: (collection) => ({ schema: null, limits: { collection, maxBytes: 1000 } }),
  }
  const insert = async (ids: readonly string[]): Promise<Stamped> => {
    let taken: Stamped | undefined
    const inputs = ids.map((id) => ({ id }))
    await insertMany(parts, { collection: 'notes', inputs }, async (stamped) => {
      taken = stamped
    })
    return taken as Stamped
  }
  return { parts, tables, insert }
}

const idsOf = (count: number) => Array.from({ length: count }, (_, n) => `n${n}`)

const readBack = (stamped: Stamped) => encodeLog(stamped).flatMap(({ text }) => decodeLog(text, 'log'))

test('what the log says of a bulk insert is what was stamped, whatever the clock does and whatever was deleted', async () => {
  const cases = fc.record({
    times: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 400 }),
    count: fc.integer({ min: 1, max: 200 }),
    deleted: fc.array(fc.record({ at: fc.nat(199), wall: fc.integer({ min: 0, max: 9 }) }), { maxLength: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ times, count, deleted }) => {
      const { tables, insert } = writerAt(times)
      tables.change(() => {
        for (const { at, wall } of deleted) {
          const hlc = `00000000000${wall}-0000-${OTHER}`
          tables.setBase({ collection: 'notes', id: `n${at}`, rev: `r${at}`, hlc, value: null }, 1)
        }
      })
      const stamped = await insert(idsOf(count))
      expect(readBack(stamped)).toEqual(stamped.mutations)
      expect(new Set(stamped.mutations.map(({ id }) => id)).size).toBe(count)
      const hlcs = stamped.mutations.map(({ hlc }) => hlc)
      expect(hlcs.toSorted()).toEqual(hlcs)
    }),
    { numRuns: 200 },
  )
})

test('a run ends where the counter of its moment does', async () => {
  const { parts, insert } = writerAt([7])
  parts.clock.observe(`000000000007-${(MAX_COUNTER - 40).toString(16)}-${REPLICA}`)
  const stamped = await insert(idsOf(100))
  expect(stamped.runs).toEqual([
    { from: 0, to: 40 },
    { from: 40, to: 100 },
  ])
  expect(stamped.mutations.map(({ hlc }) => wallOf(hlc))).toEqual([
    ...Array<number>(40).fill(7),
    ...Array<number>(60).fill(8),
  ])
  expect(readBack(stamped)).toEqual(stamped.mutations)
})

test('a bulk insert is one row for many documents, so that no stamp is written for each', async () => {
  const stamped = await writerAt([7]).insert(idsOf(100))
  const text = encodeLog(stamped)
    .map((record) => record.text)
    .join()
  expect(text.split(REPLICA)).toHaveLength(3)
})

test('a document that comes twice, or stands, refuses all of them', async () => {
  const { tables, insert } = writerAt([7])
  await expect(insert(['a', 'b', 'a'])).rejects.toMatchObject({ code: 'document_exists' })
  tables.change(() => {
    tables.setBase({ collection: 'notes', id: 'b', rev: 'r', hlc: 'h', value: { id: 'b' } }, 1)
  })
  await expect(insert(['a', 'b'])).rejects.toMatchObject({ code: 'document_exists' })
})

test('an insert waits until it is known what is stored', async () => {
  const { parts, tables, insert } = writerAt([7])
  const read = Promise.withResolvers<void>()
  Object.assign(parts, { ready: () => read.promise })
  const inserting = insert(['a'])
  tables.change(() => {
    tables.setBase({ collection: 'notes', id: 'a', rev: 'r', hlc: 'h', value: { id: 'a' } }, 1)
  })
  read.resolve()
  await expect(inserting).rejects.toMatchObject({ code: 'document_exists' })
})

test('an insert waits for writes to the same documents that came before', async () => {
  const { parts, insert } = writerAt([7])
  const earlier = Promise.withResolvers<void>()
  const happened: string[] = []
  const writing = parts.gates.pass({ collection: 'notes', id: 'b' }, async () => {
    await earlier.promise
    happened.push('earlier')
  })
  const inserting = insert(['a', 'b']).then(() => happened.push('inserted'))
  await insert(['c'])
  earlier.resolve()
  await Promise.all([writing, inserting])
  expect(happened).toEqual(['earlier', 'inserted'])
})
