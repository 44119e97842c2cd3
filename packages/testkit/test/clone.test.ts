import { expect, test } from 'vitest'
import { cloneOf } from '../src/virtual/clone.ts'

const cyclic: { self?: unknown } = {}
cyclic.self = cyclic
const plain = { a: [1, 'x', null, undefined, { b: true }], ...JSON.parse('{"inner":{"__proto__":{"p":1}}}') }

test.each([
  ['plain', plain],
  ['a map', new Map([['k', { v: 1 }]])],
  ['a date in a list', [new Date(7)]],
  ['bytes', { bytes: new Uint8Array([1, 2]) }],
  ['a cycle', cyclic],
])('%s is cloned as structuredClone does', (_name, value) => {
  const copy = cloneOf(value)
  expect(copy).toEqual(structuredClone(value))
  expect(copy).not.toBe(value)
})

test('what cannot be cloned is refused', () => {
  expect(() => cloneOf({ run: () => 1 })).toThrow('could not be cloned')
})
