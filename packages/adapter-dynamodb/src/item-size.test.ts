import { expect, test } from 'vitest'
import { itemSize, numberSize, utf8Length } from './item-size.ts'

test.each([
  ['0', 1],
  ['1', 2],
  ['12', 2],
  ['123', 3],
  ['100', 2],
  ['1000', 2],
  ['12.345', 4],
  ['1.23', 3],
  ['0.1', 2],
  ['0.01', 2],
  ['0.001', 2],
  ['0.12', 2],
  ['123.456', 5],
  ['-5', 3],
  ['-12.5', 4],
  ['1e20', 2],
  ['1e21', 2],
  ['0.30000000000000004', 10],
  ['1.5e-7', 2],
])('the number %s takes %i bytes', (text, bytes) => {
  expect(numberSize(text)).toBe(bytes)
})

test('UTF-8 length of every kind of character', () => {
  for (const text of ['', 'a', 'é', '€', '😀', 'a😀é€', 'x'.repeat(100)]) {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
  }
})

test('names and values count, lists and maps carry overhead', () => {
  expect(itemSize({ pk: { S: 'u' }, n: { N: '12' }, on: { BOOL: true } })).toBe(3 + 3 + 3)
  expect(itemSize({ l: { L: [{ S: 'ab' }, { NULL: true }] } })).toBe(1 + 3 + 3 + 2)
  expect(itemSize({ m: { M: { é: { B: new Uint8Array(4) } } } })).toBe(1 + 3 + 1 + 2 + 4)
})
