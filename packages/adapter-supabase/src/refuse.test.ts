import type { PushMutation } from '@holdfast/core'
import { expect, test } from 'vitest'
import { refuseUnstorable } from './refuse.ts'

const base = { id: 'm1', hlc: '', collection: 'notes', documentId: 'n1', base: null }

function refusalOf(parts: Partial<PushMutation>) {
  const mutation = { ...base, value: { id: 'n1' }, ...parts }
  return refuseUnstorable([mutation]).get(0)
}

test.each([
  ['a NUL in a value', { value: { id: 'n1', body: 'a\0b' } }, 'body'],
  ['a lone surrogate deep inside', { value: { id: 'n1', meta: { list: [{ deep: '\udfff' }] } } }, 'meta'],
  ['a NUL in a nested key', { value: { id: 'n1', meta: { 'a\0': 1 } } }, 'meta'],
  ['a lone surrogate in the id', { documentId: '\ud800', value: null }, 'id'],
  ['an empty id', { documentId: '', value: null }, 'id'],
])('%s is refused by the name of its field', (_title, parts, field) => {
  expect(refusalOf(parts)).toEqual({ kind: 'rejected', reason: 'invalid_value', field })
})

test('text that merely looks like an escape passes', () => {
  expect(refusalOf({ value: { id: 'n1', body: '\\u0000 \\ud800 😀' } })).toBeUndefined()
})

test('size is measured in bytes, and the limit itself passes', () => {
  const ofBytes = (bytes: number) => ({ id: 'n1', body: 'é'.repeat((bytes - 22) / 2) })
  expect(JSON.stringify(ofBytes(1_000_000)).length).toBeLessThan(600_000)
  expect(refusalOf({ value: ofBytes(1_000_000) })).toBeUndefined()
  expect(refusalOf({ value: ofBytes(1_000_002) })).toMatchObject({ kind: 'rejected', reason: 'too_large' })
})

test('what becomes longer as JSON is measured as JSON', () => {
  expect(refusalOf({ value: { id: 'n1', body: '\u0001'.repeat(166_662) } })).toBeUndefined()
  expect(refusalOf({ value: { id: 'n1', body: '\u0001'.repeat(166_664) } })).toMatchObject({
    reason: 'too_large',
  })
  expect(refusalOf({ value: { id: 'n1', list: Array(41_000).fill(-1.7976931348623157e308) } })).toMatchObject(
    {
      reason: 'too_large',
    },
  )
  expect(refusalOf({ value: { id: 'n1', nested: { ['\u0001'.repeat(166_664)]: [] } } })).toMatchObject({
    reason: 'too_large',
  })
})

test('the rest of a group waits for the one that was refused', () => {
  const good = { ...base, id: 'm1', value: { id: 'n1' }, group: 'g' }
  const bad = { ...base, id: 'm2', value: { id: 'n1', body: '\0' }, group: 'g' }
  const other = { ...base, id: 'm3', value: { id: 'n1' } }
  const outcomes = refuseUnstorable([good, bad, other])
  expect(outcomes.get(0)).toMatchObject({ kind: 'retry', reason: 'group' })
  expect(outcomes.get(1)).toMatchObject({ kind: 'rejected' })
  expect(outcomes.has(2)).toBe(false)
})
