import type { RemoteStore } from '@holdfast/core'
import { expect, test } from 'vitest'
import { openSpace } from '../src/dynamodb.ts'
import { PROTOCOL, type ProtocolRules } from '../src/space.ts'
import { Follower } from './backend.ts'
import { catchUpThrough, differences, SPACE, startCrowd, writeAll } from './crowd.ts'
import { IndexReader } from './index-reader.ts'
import { type Levers, TORN } from './shim/levers.ts'

const LATE: Levers = { ...TORN, lateLog: { chance: 0.3, ms: 150 } }
const EVERYTHING: Levers = { ...LATE, staleMs: 60, throttle: 0.01, drop: 0.02 }
const WRITING = { pushers: 8, pushes: 6, documents: 8, keys: 60 }

interface Story {
  readonly seed: number
  readonly levers: Levers
  readonly rules?: Partial<ProtocolRules>
  readonly index?: boolean
  /** Readers that begin while others write. */
  readonly bootstraps?: number
}

/** Eight clients push while one reader follows and others begin; then all is quiet and everyone catches up. */
async function play({ seed, levers, rules = {}, index = false, bootstraps = 0 }: Story) {
  const crowd = await startCrowd(seed, levers)
  try {
    const open = (): RemoteStore =>
      openSpace(
        { client: crowd.connect(), tableName: crowd.tableName, space: SPACE },
        { ...PROTOCOL, ...rules },
      )
    const reader = index ? new IndexReader(crowd.connect(), crowd.tableName) : new Follower(open())
    await catchUpThrough(reader)
    let writing = true
    const written = writeAll(open, { ...WRITING, seed }).finally(() => {
      writing = false
    })
    const beginners: Follower[] = []
    const begin = async () => {
      const remote = open()
      while (writing && beginners.length < bootstraps) {
        const follower = new Follower(remote)
        await catchUpThrough(follower)
        beginners.push(follower)
      }
    }
    const follow = async () => {
      while (writing) await catchUpThrough(reader)
    }
    const [applied] = await Promise.all([written, follow(), begin()])
    await crowd.shim.settled()
    const truth = await crowd.truth()
    const wrong: string[][] = []
    for (const each of [reader, ...beginners]) {
      await catchUpThrough(each)
      wrong.push(differences(each.revisions(), truth.documents))
    }
    const [missed = [], ...missedByBeginners] = wrong
    return {
      applied,
      missed,
      beginners: beginners.length,
      wrongBeginners: missedByBeginners.filter((keys) => keys.length > 0).length,
      resets: reader instanceof Follower ? reader.resets : [],
      counts: crowd.shim.counts,
      unlogged: applied.flat().filter((id) => !truth.logged.has(id)),
      sums: truth.sums,
    }
  } finally {
    await crowd.stop()
  }
}

test.each([1, 2])(
  '8 pushers make progress and a follower misses nothing, whatever AWS permits (seed %i)',
  async (seed) => {
    const story = await play({ seed, levers: EVERYTHING })
    expect(story.missed).toEqual([])
    expect(story.resets).toEqual([])
    expect(story.unlogged).toEqual([])
    expect(story.sums.head).toEqual(story.sums.documents)
    for (const applied of story.applied) {
      expect(applied.length).toBeGreaterThan(0)
      expect(new Set(applied).size).toBe(applied.length)
    }
    // The faults were there.
    for (const name of ['TransactionConflict', 'ConditionalCheckFailed', 'stale read']) {
      expect(story.counts[name]).toBeGreaterThan(0)
    }
  },
)

const SLOW: Levers = { ...TORN, spreadMs: 25 }

test.each([true, false])(
  'readers that begin while others write miss nothing (replay: %s)',
  async (replay) => {
    const story = await play({ seed: 3, levers: SLOW, rules: { replay }, bootstraps: 100 })
    expect(story.wrongBeginners).toBe(0)
    expect(story.beginners).toBeGreaterThan(10)
  },
)

test('where the head fails to guard, the log does', async () => {
  const story = await play({ seed: 4, levers: { ...TORN, ignoreHead: 0.3 } })
  expect(story.missed).toEqual([])
  expect(story.unlogged).toEqual([])
})

const MOST_SEEDS = 5
const mutants: [string, Omit<Story, 'seed'>][] = [
  ['a feed from an index', { levers: SLOW, index: true }],
  ['documents by reference, whatever their number', { levers: SLOW, rules: { checkReferences: false } }],
  ['log items put over others', { levers: { ...TORN, ignoreHead: 0.3 }, rules: { logCondition: false } }],
]
test.each(mutants)('a wrong variant is caught: %s', async (_name, story) => {
  let wrong = 0
  for (let seed = 1; seed <= MOST_SEEDS && wrong === 0; seed++) {
    const { missed, wrongBeginners, unlogged } = await play({ seed, ...story })
    wrong = missed.length + wrongBeginners + unlogged.length
  }
  expect(wrong).toBeGreaterThan(0)
})
