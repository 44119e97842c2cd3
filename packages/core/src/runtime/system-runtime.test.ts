import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
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

describe('where site data is blocked, as in Firefox, whose Web Locks and channels are there and refuse', () => {
  const refused = () => new DOMException('The operation is insecure.', 'SecurityError')
  beforeEach(() => {
    vi.stubGlobal('navigator', {
      locks: { request: () => Promise.reject(refused()), query: () => Promise.reject(refused()) },
    })
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        constructor() {
          throw refused()
        }
      },
    )
  })
  afterEach(() => vi.unstubAllGlobals())

  test('locks hold within the page', async () => {
    const { locks } = systemRuntime()
    const found = await locks.request('name', {}, async () => {
      const second = locks.request('name', { signal: AbortSignal.timeout(20) }, async () => 'two at once')
      return [await locks.isHeld('name'), await second.catch((error: Error) => error.name)]
    })
    expect(found).toEqual([true, 'TimeoutError'])
    expect(await locks.isHeld('name')).toBe(false)
  })

  test('a channel opens, and nobody hears', () => {
    const channel = systemRuntime().openChannel('name')
    channel.subscribe(() => expect.unreachable())()
    channel.post('a message')
    channel.close()
  })

  test('what fails in another way is not taken for it', async () => {
    const request = () => Promise.reject(new DOMException('Too long.', 'NotSupportedError'))
    vi.stubGlobal('navigator', { locks: { request } })
    await expect(systemRuntime().locks.request('name', {}, async () => 1)).rejects.toThrow('Too long.')
  })
})
