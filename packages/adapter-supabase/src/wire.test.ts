import type { Document, PushMutation } from '@holdfast/core'
import { expect, test } from 'vitest'
import { namesFrom } from './names.ts'
import { toWire } from './wire.ts'

const names = namesFrom({ people: 'crm.people' })

function mutation(id: string, parts: object = {}): PushMutation {
  const value = { id, name: id } as Document
  return { id: `m-${id}`, hlc: 'h', collection: 'notes', documentId: id, base: null, value, ...parts }
}

test('new documents are listed under names that are sent once, without ids and nulls', () => {
  const wire = toWire(
    [
      mutation('a', { value: { id: 'a', name: 'A', done: true } }),
      mutation('b', { value: { id: 'b', name: null, size: 1 } }),
      mutation('c', { value: { id: 'c', size: 'large', name: 'C' }, collection: 'people' }),
    ],
    names,
  )
  expect(wire).toEqual({
    mutations: [
      ['m-a', 'h', 'notes', 'a', null, ['A', true, null]],
      ['m-b', 'h', 'notes', 'b', null, [null, null, 1]],
      ['m-c', 'h', 'crm.people', 'c', null, ['large', 'C']],
    ],
    columns: {
      notes: { names: ['name', 'done', 'size'], types: ['string?', 'boolean?', 'number?'] },
      'crm.people': { names: ['size', 'name'], types: ['string', 'string'] },
    },
    runs: [
      ['notes', 'create', 2],
      ['crm.people', 'create', 1],
    ],
  })
})

test('a column has a type only where all its values have that one', () => {
  const values = [
    { x: 1, y: 'a', z: [1] },
    { x: '1', y: 'b', z: [2] },
  ].map((value, i) => mutation(`${i}`, { value: { id: `${i}`, ...value } }))
  expect(toWire(values, names).columns.notes).toEqual({
    names: ['x', 'y', 'z'],
    types: ['any', 'string', 'any'],
  })
})

test('a null is no value, and what is null everywhere is no column', () => {
  const values = [
    { never: null, some: null, all: 1 },
    { some: 's', all: 2 },
  ].map((value, i) => mutation(`${i}`, { value: { id: `${i}`, ...value } }))
  const { columns, mutations } = toWire(values, names)
  expect(columns.notes).toEqual({ names: ['all', 'some'], types: ['number', 'string?'] })
  expect(mutations.map((sent) => sent[5])).toEqual([
    [1, null],
    [2, 's'],
  ])
})

test('an id in the document that is not the document’s is sent, and vouched for by no type', () => {
  const { columns, mutations } = toWire([mutation('a', { value: { id: 'other' } })], names)
  expect(columns.notes).toEqual({ names: ['id'], types: ['any'] })
  expect(mutations[0]?.[5]).toEqual(['other'])
})

test('changes keep their objects; fields and group stand behind', () => {
  const { mutations } = toWire(
    [mutation('a', { base: 'r', fields: ['name'] }), mutation('b', { base: 'r', group: 'g' })],
    names,
  )
  expect(mutations).toEqual([
    ['m-a', 'h', 'notes', 'a', 'r', { id: 'a', name: 'a' }, ['name']],
    ['m-b', 'h', 'notes', 'b', 'r', { id: 'b', name: 'b' }, null, 'g'],
  ])
})

test.each([
  ['a delete', [mutation('a'), mutation('b', { base: 'r', value: null })]],
  ['a group', [mutation('a'), mutation('b', { group: 'g' })]],
  ['a document that comes twice', [mutation('a'), mutation('b'), mutation('a', { base: 'r' })]],
])('%s leaves it to the database what goes together', (_, mutations) => {
  expect(toWire(mutations, names)).not.toHaveProperty('runs')
})

test('documents that share hardly a column keep their objects', () => {
  const sparse = Array.from({ length: 600 }, (_, i) =>
    mutation(`${i}`, { value: { id: `${i}`, [`only${i}`]: i, gone: null } }),
  )
  const { mutations, columns, runs } = toWire(sparse, names)
  expect(columns).toEqual({})
  expect(runs).toBeUndefined()
  expect(mutations[7]?.[5]).toEqual({ id: '7', only7: 7 })
})

test('a field that means something to JavaScript is a field like any other', () => {
  const value = JSON.parse('{"id":"a","__proto__":"x","toString":"y"}')
  const { mutations, columns } = toWire([mutation('a', { value })], names)
  expect(columns.notes?.names).toEqual(['__proto__', 'toString'])
  expect(mutations[0]?.[5]).toEqual(['x', 'y'])
})
