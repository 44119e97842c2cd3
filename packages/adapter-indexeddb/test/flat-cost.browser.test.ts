import {
  collection,
  createHoldfast,
  type LocalStore,
  type Signal,
  systemRuntime,
  tokens,
} from '@holdfast/core'
import { expect, onTestFinished, test } from 'vitest'
import { type Contact, contactOf, idOf, servedContacts } from './served-contacts.ts'
import { freshName, STORES } from './stores.ts'

const STORED = 100_000
const QUEUED = 10_000
const ROUNDS = 20
const WRITES_A_ROUND = 40

type Contacts = Awaited<ReturnType<typeof openContacts>>

test.each(STORES)(
  '$title: a write costs the same with 100,000 stored and 10,000 queued',
  async ({ make }) => {
    const full = await openFull(make)
    const empty = await openContacts(make, { stored: 0 })
    expect(await compare(empty, full)).toBeLessThanOrEqual(1.3)
  },
)

test('so it does with a list on the screen and a status line', async () => {
  const full = await openFull(STORES[0].make)
  const empty = await openContacts(STORES[0].make, { stored: 0 })
  for (const db of [full, empty]) {
    const list = db.contacts.live({
      where: { tags: { has: 'group-7' } },
      orderBy: { name: 'asc' },
      limit: 50,
    })
    list.subscribe(() => list.getSnapshot())
    db.sync.status.subscribe(() => db.sync.status.getSnapshot())
  }
  expect(await compare(empty, full)).toBeLessThanOrEqual(1.3)
})

const offline: Signal = { get: () => false, subscribe: () => () => {} }

async function openContacts(make: () => LocalStore, { stored }: { stored: number }) {
  const db = await createHoldfast({
    name: freshName(),
    local: make(),
    remote: servedContacts(stored),
    collections: { contacts: collection<Contact>({ indexes: ['name', 'tags'] }) },
    parts: (container) => {
      container.set({ id: tokens.RUNTIME, value: { ...systemRuntime(), connectivity: offline } })
    },
  })
  onTestFinished(() => db.destroy({ dropUnsynced: true }))
  await db.sync.now()
  db.sync.start()
  return db
}

async function openFull(make: () => LocalStore): Promise<Contacts> {
  const db = await openContacts(make, { stored: STORED })
  await queue(db)
  await db.sync.optimize()
  expect(db.sync.status.getSnapshot().pending).toBe(QUEUED)
  expect(await db.contacts.get(idOf(STORED - 1))).toEqual(contactOf(STORED - 1))
  return db
}

/** Half of them edit what is stored, half create. */
async function queue(db: Contacts): Promise<void> {
  const edit = (number: number) => db.contacts.update(idOf(number), { phone: `changed ${number}` })
  const create = (number: number) => db.contacts.insert(contactOf(STORED + number))
  for (let from = 0; from < QUEUED; from += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? edit(from + at) : create(from + at))),
    )
  }
}

/** How many times as long as in `empty` a write takes in `full`, measured in turns. */
async function compare(empty: Contacts, full: Contacts): Promise<number> {
  const times = { empty: [] as number[], full: [] as number[] }
  let next = STORED + QUEUED
  for (let round = 0; round < ROUNDS; round++) {
    const numbers = Array.from({ length: WRITES_A_ROUND }, () => next++)
    const inFull = async () => void times.full.push(await timeOf(full, numbers))
    const inEmpty = async () => void times.empty.push(await timeOf(empty, numbers))
    // Each goes first in every other round, so that neither profits from its place.
    for (const run of round % 2 === 0 ? [inEmpty, inFull] : [inFull, inEmpty]) await run()
  }
  const [before, after] = [median(times.empty), median(times.full)]
  console.info(`one write: ${before.toFixed(3)} ms in the empty one, ${after.toFixed(3)} ms in the full one`)
  return after / before
}

/** Mean of writes that wait for one another, each durable, in ms: a creation and an edit in turn. */
async function timeOf(db: Contacts, numbers: readonly number[]): Promise<number> {
  const begun = performance.now()
  for (const number of numbers) {
    await db.contacts.insert(contactOf(number))
    await db.contacts.update(idOf(number), { phone: 'edited' })
  }
  return (performance.now() - begun) / (numbers.length * 2)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
