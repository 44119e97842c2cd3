import { expect, test } from 'vitest'
import { systemRuntime } from './system-runtime.ts'

test('random digits are as many as asked for, lower-case, and never given out twice', () => {
  const { randomHex } = systemRuntime()
  const seen = new Set<string>()
  for (let turn = 0; turn < 5000; turn++) {
    const digits = randomHex(16)
    expect(digits).toMatch(/^[0-9a-f]{16}$/)
    seen.add(digits)
  }
  expect(seen.size).toBe(5000)
  for (const digits of [0, 1, 7, 32, 5001])
    expect(randomHex(digits)).toMatch(new RegExp(`^[0-9a-f]{${digits}}$`))
})

test('two runtimes share no random digits', () => {
  const [one, other] = [systemRuntime(), systemRuntime()]
  expect(one.randomHex(16)).not.toBe(other.randomHex(16))
})
