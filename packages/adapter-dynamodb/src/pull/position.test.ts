import { expect, test } from 'vitest'
import { formatPosition, type Position, parsePosition } from './position.ts'

test.each<Position>([
  { kind: 'scanning', start: 7, after: 'D#notes#"é', bootstrap: 'b' },
  { kind: 'scanning', start: 0, after: '', bootstrap: 'b' },
  { kind: 'following', number: 12, scannedTo: 0, replayTo: 0, bootstrap: '', mark: 'm1' },
  { kind: 'following', number: 0, scannedTo: 0, replayTo: 9, bootstrap: '', mark: '' },
])('%o survives its text', (position) => {
  expect(parsePosition(formatPosition(position))).toEqual(position)
})

test.each([
  '',
  '12',
  '{}',
  '["following",-1,0,""]',
  '["following",1]',
  '["following",1,"","",0]',
  '["scanning",1.5,""]',
  '["other",1,"",""]',
])('%s is no position', (text) => {
  expect(parsePosition(text)).toBe(null)
})
