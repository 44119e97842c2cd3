import { canonicalJson, collection, createHoldfast, type LocalStore, type RemoteStore } from '@holdfast/core'

/*
 * One application module. It is given a local store and a remote store for each of two devices,
 * and knows nothing else of either: the matrix runs it unchanged on every pair.
 */

interface Task {
  readonly id: string
  readonly title: string
  readonly done: boolean
  readonly rank?: number
  readonly tags?: readonly string[]
}

export interface Device {
  /** A new object for the same store each time, as after a restart. */
  readonly local: () => LocalStore
  readonly remote: () => RemoteStore
}

const open = (name: string, device: Device) =>
  createHoldfast({
    name,
    local: device.local(),
    remote: device.remote(),
    collections: { tasks: collection<Task>({ indexes: ['rank', 'tags'] }) },
  })

type Db = Awaited<ReturnType<typeof open>>

async function contents(db: Db): Promise<string> {
  return canonicalJson((await db.tasks.find({ orderBy: { id: 'asc' } })) as never)
}

/** Works offline on both devices, restarts one, syncs, and gives what each of them holds in the end. */
export async function application(
  name: string,
  a: Device,
  b: Device,
): Promise<{ a: string; b: string; titles: string[] }> {
  let one = await open(`${name}-a`, a)
  const tasks = await one.tasks.insertMany(
    Array.from({ length: 40 }, (_, rank) => ({
      title: `task ${rank}`,
      done: false,
      rank,
      tags: rank % 3 === 0 ? ['third'] : [],
    })),
  )
  const idOf = (rank: number) => tasks[rank]?.id ?? ''
  await one.tasks.update(idOf(0), { title: 'renamed before the first sync' })
  await one.tasks.delete(idOf(39))
  await one.transact(async (tx) => {
    await tx.tasks.update(idOf(1), { rank: 2 })
    await tx.tasks.update(idOf(2), { rank: 1 })
  })
  await one.close()
  one = await open(`${name}-a`, a)
  await one.sync.now()

  const two = await open(`${name}-b`, b)
  await two.sync.now()
  await one.tasks.update(idOf(3), { title: 'by a' })
  await two.tasks.update(idOf(3), { done: true })
  await one.tasks.update(idOf(4), { title: 'by a' })
  await two.tasks.update(idOf(4), { title: 'by b, later' })
  await one.tasks.delete(idOf(5))
  await two.tasks.update(idOf(5), { title: 'edited while it was deleted' })
  await two.tasks.update(idOf(6), { done: true }, { unset: ['rank'] })
  await one.sync.now()
  await two.sync.now()
  await one.sync.now()
  await two.sync.optimize()
  const found = await two.tasks.find({
    where: { tags: { has: 'third' }, rank: { lt: 10 } },
    orderBy: { rank: 'asc' },
  })
  const result = { a: await contents(one), b: await contents(two), titles: found.map(({ title }) => title) }
  for (const db of [one, two]) {
    const { pending, failed, conflicts } = db.sync.status.getSnapshot()
    if (pending + failed + conflicts > 0)
      throw new Error(`not settled: ${JSON.stringify(db.sync.status.getSnapshot())}`)
    await db.destroy()
  }
  return result
}

/** What `application` must find, whatever it runs on. */
export const EXPECTED_TITLES = ['renamed before the first sync', 'by a', 'task 9']
