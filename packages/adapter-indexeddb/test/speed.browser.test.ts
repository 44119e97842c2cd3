import { collection, createHoldfast } from '@holdfast/core'
import { expect, onTestFinished, test } from 'vitest'
import { type Contact, contactOf, contactsFrom, tagOf } from '../../../bench/src/contacts.ts'
import type { Replica } from '../../../bench/src/contestants/contestant.ts'
import { contestant as floor } from '../../../bench/src/contestants/rawidb.ts'
import { median } from '../../../bench/src/percentile.ts'
import { indexedDb } from '../src/index.ts'
import { freshName } from './stores.ts'

/*
 * Holdfast next to IndexedDB without a library, in turns, in one run: only ratios count, and each
 * bound leaves a factor of two or more to what is measured on a quiet machine.
 */
const ROUNDS = 12
const WRITES = 25
const BULK = 2000

type Writing = Pick<Replica, 'put' | 'putMany' | 'observe'>

test('single writes, bulk writes and observed writes keep their distance to raw IndexedDB', async () => {
  const raw = await openFloor()
  const own = await openHoldfast()
  const single = await inTurns(raw, own, (replica, numbers) => putEach(replica, numbers))
  const bulk = await inTurns(raw, own, putMany, { rounds: 7, count: BULK })
  const observed = await inTurns(raw, own, putObserved)
  console.info(
    `times raw IndexedDB: single ${single.toFixed(2)}, bulk ${bulk.toFixed(2)}, observed ${observed.toFixed(2)}`,
  )
  expect(single).toBeLessThanOrEqual(2)
  // Fourteen thousand queue up here: a write that so much as walks over the queue goes past this.
  expect(bulk).toBeLessThanOrEqual(0.15)
  expect(observed).toBeLessThanOrEqual(1.5)
})

async function openFloor(): Promise<Writing> {
  const replica = await floor.open({ pageSize: 0, pushSize: 0 })
  onTestFinished(async () => {
    await replica.close()
    indexedDB.deleteDatabase('bench')
  })
  return replica
}

async function openHoldfast(): Promise<Writing> {
  const db = await createHoldfast({
    name: freshName(),
    local: indexedDb(),
    collections: { contacts: collection<Contact>({ indexes: ['name', 'tag'] }) },
  })
  onTestFinished(() => db.destroy({ dropUnsynced: true }))
  const { contacts } = db
  return {
    put: async (contact) => void (await contacts.put(contact)),
    putMany: async (many) => void (await contacts.insertMany(many)),
    async observe(tag, tell) {
      const live = contacts.live({ where: { tag }, orderBy: { name: 'asc' }, limit: 50 })
      const stop = live.subscribe(() => tell(live.getSnapshot()))
      tell(live.getSnapshot())
      return stop
    },
  }
}

type Work = (replica: Writing, numbers: readonly number[]) => Promise<unknown>

let next = 0

/** How many times as long as on the floor the work takes on Holdfast. */
async function inTurns(
  raw: Writing,
  own: Writing,
  work: Work,
  { rounds = ROUNDS, count = WRITES }: { rounds?: number; count?: number } = {},
): Promise<number> {
  const times = { raw: [] as number[], own: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    const numbers = Array.from({ length: count }, () => next++)
    const onFloor = async () => void times.raw.push(await timeOf(() => work(raw, numbers)))
    const onOwn = async () => void times.own.push(await timeOf(() => work(own, numbers)))
    // Each goes first in every other round, so that neither profits from its place.
    for (const run of round % 2 === 0 ? [onFloor, onOwn] : [onOwn, onFloor]) await run()
  }
  return median(times.own) / median(times.raw)
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function putEach(replica: Writing, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await replica.put(contactOf(number))
}

function putMany(replica: Writing, [first = 0, ...rest]: readonly number[]): Promise<void> {
  return replica.putMany(contactsFrom(first, rest.length + 1))
}

/** Each write is waited for by the disk and by the observer of its tag. */
async function putObserved(replica: Writing, numbers: readonly number[]): Promise<void> {
  // Names that come before all others, so that each write shows in the window.
  const contacts = numbers.map((number) => ({ ...contactOf(number), tag: tagOf(7), name: `A ${number}` }))
  let awaited: { id: string; seen: () => void } | null = null
  const stop = await replica.observe(tagOf(7), (shown) => {
    if (awaited !== null && shown.some(({ id }) => id === awaited?.id)) awaited.seen()
  })
  for (const contact of contacts.toReversed()) {
    const seen = new Promise<void>((resolve) => {
      awaited = { id: contact.id, seen: resolve }
    })
    await Promise.all([replica.put({ ...contact, name: `A ${1e9 - next++}` }), seen])
  }
  stop()
}
