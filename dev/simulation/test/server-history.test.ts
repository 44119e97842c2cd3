import type { PushMutation, PushOutcome } from '@holdfast/core'
import { expect, test } from 'vitest'
import type { DiskModel } from '../src/disk-model.ts'
import { ServerHistory } from '../src/server-history.ts'

const hlc = '019b76daa867-0000-aaaaaaaaaaaaaaaa'
const value = { id: 'd0', a: 'v1' }
const applied: PushOutcome = { kind: 'applied', rev: 'ignored', hlc }
const create: PushMutation = { id: 'm', hlc, collection: 'notes', documentId: 'd0', base: null, value }

/** What was enqueued as `m` is sent as `next`. */
const model = {
  frozen: new Map([['notes/d0', { ids: ['m'], sent: { ...create, id: 'next' } }]]),
  known: new Map(),
} as unknown as DiskModel

/** A creation meets a conflict, and its sender hears it; then a late copy of it takes effect, and what was made of it. */
function twice(forgets: boolean): ServerHistory {
  const history = new ServerHistory()
  const push = (mutation: PushMutation, outcome: PushOutcome) =>
    history.pushed({
      mutations: [mutation],
      outcomes: [outcome],
      model,
      isChanging: false,
      read: () => value,
    })
  push(create, { kind: 'conflict', current: null })
  history.spend('m')
  if (forgets) history.forget(new Set(['notes/d0']))
  push(create, applied)
  push({ ...create, id: 'next', base: 'm' }, applied)
  return history
}

test('what takes effect twice breaks S3', () => {
  expect(() => twice(false)).toThrow(/S3: mutation m took effect twice/)
})

test('but not where a late copy found nothing, since the server forgot the tombstone that it had met', () => {
  expect(twice(true).versions.size).toBe(2)
})
