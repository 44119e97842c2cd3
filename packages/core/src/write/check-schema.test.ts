import { expect, test } from 'vitest'
import type { StandardSchema } from '../contracts/schema.ts'
import { checkSchema } from './check-schema.ts'

const schemaOf = (validate: StandardSchema['~standard']['validate']): StandardSchema => ({
  '~standard': { version: 1, vendor: 'test', validate },
})

test('a schema that throws, at once or later, refuses the document', async () => {
  const thrown = new Error('broken')
  const atOnce = schemaOf(() => {
    throw thrown
  })
  const later = schemaOf(() => Promise.reject(thrown))
  expect(() => checkSchema(atOnce, {}, 'notes')).toThrow(
    expect.objectContaining({ code: 'schema_mismatch', cause: thrown }),
  )
  await expect(checkSchema(later, {}, 'notes')).rejects.toMatchObject({
    code: 'schema_mismatch',
    cause: thrown,
  })
})

test('issues name their places, also those of a path of objects', () => {
  const schema = schemaOf(() => ({ issues: [{ message: 'no', path: ['a', { key: 'b' }] }] }))
  expect(() => checkSchema(schema, {}, 'notes')).toThrow(
    expect.objectContaining({ details: { collection: 'notes', issues: [{ path: 'a.b', message: 'no' }] } }),
  )
})
