import { expect, test } from 'vitest'
import type { LocalStore } from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Mutation } from '../model/mutation.ts'
import { LogWriter } from './log-writer.ts'

const deletion = (id: string, documentId: string) => {
  const mutation = { id, hlc: id, collection: 'notes', documentId, base: null, change: { kind: 'delete' } }
  return { mutations: [mutation as Mutation], runs: [] }
}

test('what waits on top of a write that failed fails with it, and nothing else does', async () => {
  const { promise: failing, reject: fail } = Promise.withResolvers<void>()
  const answers = [failing]
  const store = { write: () => answers.shift() ?? Promise.resolve() } as Partial<LocalStore> as LocalStore
  const log = new LogWriter(store, 'w', () => undefined)
  const first = log.append(deletion('1', 'a'), 'relaxed')
  const onTop = log.append(deletion('2', 'a'), 'relaxed')
  const apart = log.append(deletion('3', 'b'), 'relaxed')
  const outcomes = Promise.allSettled([first, onTop, apart])
  fail(new HoldfastError('store_full', 'Full.'))
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})
