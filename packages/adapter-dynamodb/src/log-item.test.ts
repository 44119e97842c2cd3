import { expect, test } from 'vitest'
import { utf8Length } from './item-size.ts'
import { logKey, numberOfLogKey } from './keys.ts'
import { EMBED_BYTES, encodeEntry, parseLogItem } from './log-item.ts'

const entry = { collection: 'notes', id: 'a', rev: 'm1', hlc: 'h1' }
const parse = (...rows: string[]) =>
  parseLogItem({ sk: { S: logKey(7) }, epoch: { S: 'e' }, entries: { S: `[${rows.join(',')}]` } })

test('a body, a deletion and a reference survive the text', () => {
  const body = '{"id":"a","text":"é"}'
  const item = parse(
    encodeEntry(entry, body, utf8Length(body)),
    encodeEntry({ ...entry, id: '",]' }, null, 0),
    encodeEntry(entry, body, EMBED_BYTES + 1),
  )
  expect(item).toEqual({
    number: 7,
    epoch: 'e',
    entries: [
      { ...entry, value: { id: 'a', text: 'é' } },
      { ...entry, id: '",]', value: null },
      { ...entry, value: undefined },
    ],
  })
})

test.each(['1', '[1,2]', '["c","i","r","h"]', '["c","i","r","h",1]', '["c","i","r","h",[]]', 'nonsense'])(
  'a row %s is damage',
  (row) => {
    expect(() => parse(row)).toThrow(expect.objectContaining({ code: 'protocol', details: { number: 7 } }))
  },
)

test('log keys sort as their numbers do', () => {
  const numbers = [1, 9, 10, 99, 100, 123_456_789, Number.MAX_SAFE_INTEGER]
  const keys = numbers.map(logKey)
  expect([...keys].sort()).toEqual(keys)
  expect(keys.map(numberOfLogKey)).toEqual(numbers)
})
