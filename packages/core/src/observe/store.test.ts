import { expect, test, vi } from 'vitest'
import { createStore } from './store.ts'

test('a listener hears of each new value, and of nothing after it left', () => {
  const store = createStore({ pending: 0 })
  const seen: number[] = []
  const leave = store.subscribe(() => seen.push(store.getSnapshot().pending))
  store.set({ pending: 1 })
  store.set({ pending: 2 })
  leave()
  store.set({ pending: 3 })
  expect(seen).toEqual([1, 2])
})

test('setting the value that stands tells no one and keeps its identity', () => {
  const value = { pending: 1 }
  const store = createStore(value)
  const listener = vi.fn()
  store.subscribe(listener)
  store.set(value)
  expect(listener).not.toHaveBeenCalled()
  expect(store.getSnapshot()).toBe(value)
})

test('a listener that throws is reported and keeps no other from being told', () => {
  const onError = vi.fn()
  const store = createStore(0, onError)
  const fault = new Error('listener')
  const other = vi.fn()
  store.subscribe(() => {
    throw fault
  })
  store.subscribe(other)
  store.set(1)
  expect(other).toHaveBeenCalledTimes(1)
  expect(onError).toHaveBeenCalledExactlyOnceWith(fault)
})

test('one listener added twice is told twice and leaves once at a time', () => {
  const store = createStore(0)
  const listener = vi.fn()
  const leave = store.subscribe(listener)
  store.subscribe(listener)
  store.set(1)
  expect(listener).toHaveBeenCalledTimes(2)
  leave()
  leave()
  store.set(2)
  expect(listener).toHaveBeenCalledTimes(3)
})

test('who leaves or joins while others are told: the first is not told any more, the second not yet', () => {
  const store = createStore(0)
  const late = vi.fn()
  const leaving = vi.fn()
  let leave = () => {}
  store.subscribe(() => {
    leave()
    if (store.getSnapshot() === 1) store.subscribe(late)
  })
  leave = store.subscribe(leaving)
  store.set(1)
  expect(leaving).not.toHaveBeenCalled()
  expect(late).not.toHaveBeenCalled()
  store.set(2)
  expect(late).toHaveBeenCalledTimes(1)
})
