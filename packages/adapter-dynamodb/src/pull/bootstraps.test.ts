import { expect, test } from 'vitest'
import { versionHash } from '../version-hash.ts'
import { Bootstraps } from './bootstraps.ts'

const versions = ['a', 'b', 'c', 'd'].map((id) => ({ id, rev: `rev of ${id}` }))
const expected = {
  count: versions.length,
  sum: BigInt.asUintN(
    64,
    versions.reduce((sum, { id, rev }) => sum + versionHash(id, rev), 0n),
  ),
}
const [first, second] = [versions.slice(0, 2), versions.slice(2)]

function begun() {
  const bootstraps = new Bootstraps()
  bootstraps.begin('one', expected)
  return bootstraps
}

test('a scan that adds up to what the head counted is exact', () => {
  const bootstraps = begun()
  bootstraps.scanned('one', first, { after: '', next: 'b' })
  bootstraps.scanned('one', second, { after: 'b', next: '' })
  expect(bootstraps.isExact('one')).toBe(true)
})

test.each([
  ['a version that was not there yet', [{ id: 'c', rev: 'older' }, versions[3]]],
  ['one that came later', [...second, { id: 'e', rev: 'later' }]],
  ['one that is missing', [versions[2]]],
])('a scan with %s is not', (_what, page) => {
  const bootstraps = begun()
  bootstraps.scanned('one', first, { after: '', next: 'b' })
  bootstraps.scanned('one', page as typeof versions, { after: 'b', next: '' })
  expect(bootstraps.isExact('one')).toBe(false)
})

test('a page that came twice, was missed, or was read elsewhere proves nothing', () => {
  const twice = begun()
  twice.scanned('one', first, { after: '', next: 'b' })
  twice.scanned('one', first, { after: '', next: 'b' })
  twice.scanned('one', second, { after: 'b', next: '' })
  expect(twice.isExact('one')).toBe(false)
  const missed = begun()
  missed.scanned('one', versions, { after: 'b', next: '' })
  expect(missed.isExact('one')).toBe(false)
  expect(new Bootstraps().isExact('one')).toBe(false)
})
