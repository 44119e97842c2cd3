import fc from 'fast-check'
import { expect, test } from 'vitest'
import { versionHash } from './version-hash.ts'

/** FNV-1a and the finalizer, straight from their definitions. */
function oracle(id: string, rev: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (const unit of Array.from(`${id}\0${rev}`, (_, i) => `${id}\0${rev}`.charCodeAt(i))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(unit)) * 0x100000001b3n)
  }
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn)
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n)
  return hash ^ (hash >> 33n)
}

test('agrees with its definition, and stays in 64 bits', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (id, rev) => {
      expect(versionHash(id, rev)).toBe(oracle(id, rev))
      expect(versionHash(id, rev) < 2n ** 64n).toBe(true)
    }),
  )
})

test('a thousand versions have a thousand hashes', () => {
  const hashes = new Set(Array.from({ length: 1_000 }, (_, i) => versionHash(`doc-${i % 10}`, `m${i}`)))
  expect(hashes.size).toBe(1_000)
})
