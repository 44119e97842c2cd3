import { expect, test } from 'vitest'
import { HeadNumber } from './head-number.ts'
import { systemRuntime } from './runtime.ts'

function clocked() {
  const clock = { now: 0 }
  return { clock, head: new HeadNumber({ ...systemRuntime, monotonic: () => clock.now }) }
}

test('what the own push made is good at any age, what a pull saw for two seconds', () => {
  const { clock, head } = clocked()
  expect(head.guess()).toBe(null)
  head.notice({ number: 3, epoch: 'e' })
  clock.now = 2_000
  expect(head.guess()).toMatchObject({ number: 3 })
  clock.now = 2_001
  expect(head.guess()).toBe(null)
  head.know({ number: 4, epoch: 'e' })
  clock.now = 1e9
  expect(head.guess()).toMatchObject({ number: 4 })
})

test('an older sight of the log does not replace a newer one, another epoch does', () => {
  const { head } = clocked()
  head.know({ number: 4, epoch: 'e' })
  head.notice({ number: 3, epoch: 'e' })
  expect(head.guess()).toMatchObject({ number: 4 })
  head.notice({ number: 1, epoch: 'f' })
  expect(head.guess()).toMatchObject({ number: 1, epoch: 'f' })
  head.forget()
  expect(head.guess()).toBe(null)
})
