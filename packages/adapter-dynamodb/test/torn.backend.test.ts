import type { RemoteStore } from '@holdfast/core'
import { expect, test } from 'vitest'
import { openSpace } from '../src/dynamodb.ts'
import { documentKey, HEAD_KEY, LOG_PREFIX } from '../src/keys.ts'
import { PROTOCOL, type ProtocolRules } from '../src/space.ts'
import { Follower, mutation, push } from './backend.ts'
import { differences, SPACE, startCrowd } from './crowd.ts'
import { CALM } from './shim/levers.ts'

/** A reader in the middle of a transaction, at a moment that the test chooses. */
interface Torn {
  /** Sort keys of the items that are not visible yet. */
  readonly isHeld: (sortKey: string) => boolean
  /** Runs while they are not. */
  readonly meanwhile: (open: () => RemoteStore) => Promise<unknown>
  /** The reader begins before the transaction, or in the middle of it. */
  readonly follows: boolean
}

/** The documents that the reader has wrong when all is visible and read. */
async function wrongAfter(torn: Torn, rules: Partial<ProtocolRules>) {
  return (await readTorn(torn, { rules })).wrong
}

/** Also what the reader was told of a delay when it had read all that was visible. */
async function readTorn(
  { isHeld, meanwhile, follows }: Torn,
  { rules, limit = 500 }: { rules: Partial<ProtocolRules>; limit?: number },
) {
  const crowd = await startCrowd(1, CALM)
  try {
    const open = () =>
      openSpace(
        { client: crowd.connect(), tableName: crowd.tableName, space: SPACE },
        { ...PROTOCOL, ...rules },
      )
    const first = mutation('a')
    await push(open(), first)
    await push(open(), mutation('c'))
    const reader = new Follower(open())
    if (follows) await reader.catchUp()
    const torn = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    let isFirst = true
    crowd.shim.levers = {
      ...CALM,
      hold: {
        isHeld: (key) => isFirst && isHeld(key),
        restIsVisible() {
          isFirst = false
          torn.resolve()
          return released.promise
        },
      },
    }
    const pushing = push(open(), mutation('a', { base: first.id }))
    await torn.promise
    await meanwhile(open)
    await reader.catchUp({ limit })
    const lag = reader.pages.at(-1)?.lag
    released.resolve()
    expect(await pushing).toMatchObject([{ kind: 'applied' }])
    await reader.catchUp()
    return { lag, wrong: differences(reader.revisions(), (await crowd.truth()).documents) }
  } finally {
    await crowd.stop()
  }
}

const bootstrap: Torn = {
  isHeld: (key) => key === documentKey('notes', 'a'),
  meanwhile: async () => {},
  follows: false,
}

test.each([true, false])(
  'a reader that begins when the head is visible, and the document not yet, gets it from the log (replay: %s)',
  async (replay) => {
    expect(await wrongAfter(bootstrap, { replay })).toEqual([])
  },
)

test('a wrong variant is caught: a bootstrap that follows from the head itself', async () => {
  expect(await wrongAfter(bootstrap, { replay: false, overlap: 0 })).toEqual(['notes/a'])
})

/** The head is visible and the log item is not, nor the document. */
const early: Torn = {
  isHeld: (key) => key !== HEAD_KEY,
  meanwhile: async () => {},
  follows: false,
}

test.each([
  [true, 500],
  [true, 1],
  [false, 500],
  [false, 1],
])(
  'a reader that begins when only the head is visible waits for the log, and says so (replay: %s, pages of %i)',
  async (replay, limit) => {
    const { wrong, lag } = await readTorn(early, { rules: { replay }, limit })
    expect(wrong).toEqual([])
    expect(lag).toBeGreaterThanOrEqual(0)
  },
)

const hole: Torn = {
  isHeld: (key) => key.startsWith(LOG_PREFIX),
  meanwhile: (open) => push(open(), mutation('b')),
  follows: true,
}

test('a reader that meets a later log item before an earlier one waits for it', async () => {
  expect(await wrongAfter(hole, {})).toEqual([])
})

test('a wrong variant is caught: no check for holes', async () => {
  expect(await wrongAfter(hole, { contiguous: false })).toEqual(['notes/a'])
})

test.each([
  [true, 500],
  [true, 1],
  [false, 500],
  [false, 1],
])(
  'a bootstrap has what was acknowledged before, although reads of the log lag behind (replay: %s, pages of %i)',
  async (replay, limit) => {
    const crowd = await startCrowd(1, { ...CALM, staleMs: 400 })
    try {
      const open = () =>
        openSpace(
          { client: crowd.connect(), tableName: crowd.tableName, space: SPACE },
          { ...PROTOCOL, replay },
        )
      for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await push(open(), mutation(id))
      const reader = new Follower(open())
      await reader.catchUp({ limit })
      expect(reader.versions.size).toBe(6)
    } finally {
      await crowd.stop()
    }
  },
)
