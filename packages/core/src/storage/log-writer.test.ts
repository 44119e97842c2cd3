import { expect, test } from 'vitest'
import type { LocalStore } from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { Mutation } from '../model/mutation.ts'
import { mutationsOf, type Stamped } from '../model/run.ts'
import { LogWriter } from './log-writer.ts'
import { decodeLog } from './records.ts'

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

test('bulk writes that go together are stored as they were stamped', async () => {
  const { promise: writing, resolve: end } = Promise.withResolvers<void>()
  const answers = [writing]
  const texts: unknown[] = []
  const write: LocalStore['write'] = async ({ put = [] }) => {
    texts.push(...put.map(([, text]) => text))
    await answers.shift()
  }
  const log = new LogWriter({ write } as Partial<LocalStore> as LocalStore, 'w', () => undefined)
  const creations = (wall: number): Stamped => {
    const stamp = (tail: string) => `00000000000${wall}-0000-${tail.repeat(16)}`
    const documents = ['a', 'b', 'c'].map((id) => ({ id: `${id}${wall}` }))
    const run = mutationsOf(documents, { id: stamp('1'), hlc: stamp('2'), collection: 'notes' })
    return { mutations: run, runs: [{ from: 0, to: run.length }] }
  }
  const units = [deletion('1', 'a'), deletion('2', 'b'), creations(1), creations(2)]
  const written = units.map((unit) => log.append(unit, 'relaxed'))
  end()
  await Promise.all(written)
  expect(texts).toHaveLength(2)
  expect(texts.flatMap((text) => decodeLog(text, 'log'))).toEqual(units.flatMap(({ mutations }) => mutations))
})
