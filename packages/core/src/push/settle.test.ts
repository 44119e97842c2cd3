import { expect, test } from 'vitest'
import type { PushMutation } from '../contracts/remote-store.ts'
import { newPending, Row } from '../storage/row.ts'
import { settle } from './settle.ts'

const hlcAt = (wall: string) => `${wall}-0000-00000000000000aa`
const [EARLIER, NOW, LATER] = ['000000000001', '000000000002', '000000000003'].map(hlcAt) as [
  string,
  string,
  string,
]

test.each([
  ['an older version than the base leaves the base', EARLIER, []],
  ['a newer version becomes the base', LATER, [{ rev: 'other', hlc: LATER }]],
])('a conflict that carries %s', (_what, hlc, expected) => {
  const row = new Row('notes', 'a')
  Object.assign(row, { rev: 'base', hlc: NOW, content: { id: 'a' }, pending: newPending() })
  const sent: PushMutation = {
    id: 'mine',
    hlc: NOW,
    collection: 'notes',
    documentId: 'a',
    base: 'before',
    value: { id: 'a' },
  }
  const send = { kind: 'send', row, ids: ['mine'], sent, frozen: true } as const
  const current = { rev: 'other', hlc, value: { id: 'a' }, recent: [] }
  const { plan } = settle([send], [{ kind: 'conflict', current }], {
    now: 0,
    maxBytesOf: () => 1000,
    randomHex: (digits) => '0'.repeat(digits),
  })
  expect(plan.versions).toMatchObject(expected)
  expect(plan.versions).toHaveLength(expected.length)
})
