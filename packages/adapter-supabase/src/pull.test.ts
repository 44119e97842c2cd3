import { expect, test } from 'vitest'
import { namesFrom } from './names.ts'
import { pull } from './pull.ts'

function answering(data: unknown) {
  const client = { rpc: () => ({ abortSignal: async () => ({ data, error: null, status: 200 }) }) }
  const signal = new AbortController().signal
  return pull(
    { checkpoints: { notes: '1' }, origin: null, limit: 10, replica: 'r', signal },
    { client, names: namesFrom({}), suffix: '' },
  )
}

const last = (page: object) => ({
  origin: { remote: 'r', epoch: 'e' },
  known: true,
  more: false,
  pages: [{ table: 'notes', checkpoint: '9', columns: ['name'], documents: null, others: null, ...page }],
})

test('a page whose documents were all written once more since it was counted is empty', async () => {
  const none = [null, null, null, null, null]
  expect((await answering([last({ documents: none })])).changes).toEqual([])
  expect((await answering([none, last({ documents: true })])).changes).toEqual([])
  const others = [[4, 'gone', 'rev', 'hlc', false]]
  expect((await answering([none, last({ documents: true, others })])).changes).toEqual([
    { collection: 'notes', id: 'gone', rev: 'rev', hlc: 'hlc', value: null },
  ])
})

test.each([
  ['nothing', null],
  ['no rows', []],
  ['no last row', [[['a'], ['rev'], ['hlc'], null, ['A']]]],
  ['a last row without the documents that it tells of', [last({ documents: true })]],
  ['another table', [last({ table: 'others' })]],
  ['no table', [{ ...last({}), pages: [] }]],
])('an answer of another form is refused: %s', async (_, data) => {
  await expect(answering(data)).rejects.toMatchObject({ code: 'protocol' })
})
