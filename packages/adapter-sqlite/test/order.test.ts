import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blobToKey, columnToValue, keyToBlob, valueToColumn } from '../src/codec.ts'
import { everything, openStore } from './stores.ts'

const anyString = fc
  .string({ unit: 'binary' })
  .chain((text) => fc.constantFrom(text, `${text}\ud800`, `\udfff${text}`))

test('the bytes of keys compare as the UTF-16 code units of the keys do', () => {
  const sign = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)
  fc.assert(
    fc.property(anyString, anyString, (left, right) => {
      expect(Math.sign(Buffer.compare(keyToBlob(left), keyToBlob(right)))).toBe(sign(left, right))
    }),
  )
})

test('keys and values of any content come back as they were', () => {
  fc.assert(
    fc.property(anyString, fc.uint8Array(), (text, bytes) => {
      expect(blobToKey(keyToBlob(text))).toBe(text)
      expect(columnToValue(valueToColumn(text))).toBe(text)
      expect(columnToValue(valueToColumn(bytes))).toEqual(bytes)
    }),
  )
})

test('a scan goes by code units where UTF-8 would order otherwise', async () => {
  const { store } = await openStore()
  const keys = ['a', '\u{1f600}', '\ufffd', '\ud800', 'a\u0000', '']
  await store.write({ put: keys.map((key): [string, string] => [key, `value of ${key}\u0000.`]) })
  const found = await everything(store)
  expect(found.map(([key]) => key)).toEqual(['', 'a', 'a\u0000', '\ud800', '\u{1f600}', '\ufffd'])
  expect(found.every(([key, value]) => value === `value of ${key}\u0000.`)).toBe(true)
})
