import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '../../../packages/adapter-sqlite/src/index.ts'
import { collection, createHoldfast, type LocalStore } from '../../../packages/core/src/index.ts'
import { memoryStore } from '../../../packages/core/src/memory.ts'
import { type Contact, contactOf, contactsFrom, digestOf, idOf, tagOf } from '../contacts.ts'
import { median } from '../percentile.ts'

export interface NodeFigure {
  readonly store: string
  /** Operations a second, the median of the rounds. */
  readonly writes: number
  readonly writesAtOnce: number
  readonly bulk: number
  readonly gets: number
  readonly open: number
}

const WRITES = 2000
const WRITERS = 50
const BULK = 10_000
const GETS = 200_000

/** The same operations without a browser, so that a change in core shows by itself. */
export async function runNode(
  rounds: number,
  tell: (done: number, total: number, what: string) => void,
): Promise<NodeFigure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const stores: [string, (round: number) => LocalStore][] = [
    ['memory', () => memoryStore()],
    ['SQLite (node:sqlite)', (round) => sqlite({ path: join(directory, `${round}.db`) })],
  ]
  try {
    const figures: NodeFigure[] = []
    for (const [store, make] of stores) {
      const found: Omit<NodeFigure, 'store'>[] = []
      for (let round = 0; round < rounds; round++) {
        tell(figures.length * rounds + round, stores.length * rounds, `${store}, round ${round + 1}`)
        found.push(await measure(make(round)))
      }
      const of = (key: keyof Omit<NodeFigure, 'store'>) => median(found.map((one) => one[key]))
      figures.push({
        store,
        writes: of('writes'),
        writesAtOnce: of('writesAtOnce'),
        bulk: of('bulk'),
        gets: of('gets'),
        open: of('open'),
      })
    }
    return figures
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function measure(local: LocalStore): Promise<Omit<NodeFigure, 'store'>> {
  const start = () =>
    createHoldfast({
      name: 'bench',
      local,
      collections: { contacts: collection<Contact>({ indexes: ['name', 'tag'] }) },
    })
  let db = await start()
  let next = 0
  const writes = await perSecond(WRITES, async () => {
    for (let turn = 0; turn < WRITES; turn++) await db.contacts.put(contactOf(next++))
  })
  const writesAtOnce = await perSecond(WRITES, async () => {
    const write = async () => {
      for (let turn = 0; turn < WRITES / WRITERS; turn++) await db.contacts.put(contactOf(next++))
    }
    await Promise.all(Array.from({ length: WRITERS }, write))
  })
  const many = contactsFrom(next, BULK)
  next += BULK
  const bulk = await perSecond(BULK, () => db.contacts.insertMany(many))
  const gets = await perSecond(GETS, async () => {
    for (let turn = 0; turn < GETS; turn++) await db.contacts.get(idOf((turn * 7919) % next))
  })
  await db.close()
  const began = performance.now()
  db = await start()
  await db.contacts.find({ where: { tag: tagOf(7) }, orderBy: { name: 'asc' }, limit: 50 })
  const open = performance.now() - began
  const [found, expected] = [digestOf(await db.contacts.find()), digestOf(contactsFrom(0, next))]
  if (found.count !== expected.count || found.sum !== expected.sum) {
    throw new Error(`After opening again there are ${found.count} documents of ${expected.count}, or others.`)
  }
  await db.close()
  return { writes, writesAtOnce, bulk, gets, open }
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (count * 1000) / (performance.now() - began)
}
