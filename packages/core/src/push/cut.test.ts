import { expect, test } from 'vitest'
import type { Mutation } from '../model/mutation.ts'
import { newPending, Row } from '../storage/row.ts'
import { cutOf } from './cut.ts'

/** `'1a 2b'`: mutation 1 of the document a, then 2 of b; `'1a:g'`: in the group g. */
function members(history: string): Row[] {
  const rows = new Map<string, Row>()
  for (const [, id, documentId = '', group] of history.matchAll(/(\d+)([a-z])(?::([a-z]))?/g)) {
    const row = rows.get(documentId) ?? new Row('c', documentId)
    rows.set(documentId, row)
    row.pending ??= newPending()
    const mutation = { id, collection: 'c', documentId, ...(group === undefined ? {} : { group }) }
    row.pending.mutations.push(mutation as unknown as Mutation)
  }
  return [...rows.values()]
}

const cut = (history: string, { from = '9', max = 99 } = {}) =>
  cutOf(members(history), { isUnconfirmed: (id) => id >= from, maxDocuments: max })

test('stops before the first mutation that is not durable', () => {
  expect(cut('1a 2a 3a')).toBe('3')
  expect(cut('1a 2a 3a', { from: '3' })).toBe('2')
  expect(cut('1a 2a', { from: '1' })).toBeNull()
})

test('lets no group lie on both sides', () => {
  expect(cut('1a:g 2b:g 3a:h 4c:h', { from: '4' })).toBe('2')
  expect(cut('1a:g 2b:h 3c:g 4d:h', { from: '4' })).toBeNull()
})

test('takes no more documents than fit, and the first group whatever its size', () => {
  expect(cut('1a:g 2b:g 3a:h 4c:h', { max: 2 })).toBe('2')
  expect(cut('1a:g 2b:g 3a:h 4b:h 5c:i 6a:i', { max: 2 })).toBe('4')
  expect(cut('1a:g 2b:g 3c:g 4a:h 5d:h', { max: 2 })).toBe('3')
})
