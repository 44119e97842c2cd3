import type { Rev } from '@holdfast/core'

/**
 * A 64-bit number for one version of one document: FNV-1a over the UTF-16 units of id, NUL and
 * rev, then the finalizer of MurmurHash3. The head keeps the sum over all documents of a
 * collection, so that two replicas of it can be compared, and writes around the push be found.
 */
export function versionHash(id: string, rev: Rev): bigint {
  const text = `${id}\0${rev}`
  // FNV-1a with the prime 2^40 + 0x1b3, on two 32-bit halves.
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (let i = 0; i < text.length; i++) {
    low = (low ^ text.charCodeAt(i)) >>> 0
    const product = low * 0x1b3
    high = (Math.imul(high, 0x1b3) + (low << 8) + Math.floor(product / 2 ** 32)) >>> 0
    low = product >>> 0
  }
  let hash = (BigInt(high) << 32n) | BigInt(low)
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn)
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n)
  return hash ^ (hash >> 33n)
}
