import { createVirtualMachine, type VirtualRuntime } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, tokens } from '../src/index.ts'
import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'
import { WINDOWS_KEY } from '../src/storage/keys.ts'

interface Task {
  readonly id: string
  readonly rank: number
  readonly done?: boolean
}

const TOP = { where: { rank: { gte: 0 } }, orderBy: { rank: 'asc' }, limit: 3 } as const

/** A device whose pages can be held back, so that what is shown before them can be seen. */
function createDevice() {
  const machine = createVirtualMachine({ seed: 1 })
  const disk = createMemoryDisk()
  const server = createMemoryServer()
  let goOn = () => {}
  let waiting: Promise<void> | null = null
  const hold = () => {
    waiting = new Promise((resolve) => {
      goOn = resolve
    })
  }
  const open = async () => {
    const runtime: VirtualRuntime = machine.tab()
    const store = memoryStore({ disk })
    const local = {
      ...store,
      capabilities: store.capabilities,
      async getMany(keys: readonly string[]) {
        if (keys.some((key) => key.startsWith('p/'))) await waiting
        return store.getMany(keys)
      },
    }
    const db = await createHoldfast({
      name: 'tasks',
      // Never synced, so that what is written stays in the log.
      remote: memoryRemote({ server }),
      local: Object.assign(Object.create(store), local) as typeof store,
      collections: { tasks: collection<Task>({ indexes: ['rank'] }) },
      parts: (container) => container.set(tokens.RUNTIME, runtime),
    })
    return { db, runtime }
  }
  return { machine, disk, open, hold, goOn: () => goOn() }
}

type Tasks = Awaited<ReturnType<ReturnType<typeof createDevice>['open']>>['db']['tasks']

async function withTasks() {
  const device = createDevice()
  const { db, runtime } = await device.open()
  for (let rank = 0; rank < 40; rank++) await db.tasks.put({ id: `t${rank}`, rank })
  const syncing = db.sync.now()
  await device.machine.time.advance(1000)
  await syncing
  await db.sync.optimize()
  const live = db.tasks.live(TOP)
  live.subscribe(() => {})
  await device.machine.time.advance(10_000)
  return { ...device, db, runtime }
}

test('what a live query showed is shown again before the pages are read', async () => {
  const device = await withTasks()
  device.machine.kill(device.runtime)
  device.hold()
  const { db } = await device.open()
  const live = db.tasks.live(TOP)
  live.subscribe(() => {})
  expect(db.sync.status.getSnapshot().isLoading).toBe(true)
  expect(live.isLoading).toBe(false)
  expect(live.getSnapshot().map(({ id }) => id)).toEqual(['t0', 't1', 't2'])
  expect(await db.tasks.find(TOP)).toHaveLength(3)
  expect(db.tasks.live({ orderBy: { rank: 'desc' }, limit: 1 }).isLoading).toBe(true)
  expect(db.tasks.stateOf('t0')).toEqual({ kind: 'loading' })
  const writing = db.tasks.update('t39', { rank: 0.5 })
  const reading = db.tasks.get('t8')
  device.goOn()
  await writing
  expect(await reading).toEqual({ id: 't8', rank: 8 })
  expect(live.getSnapshot().map(({ id }) => id)).toEqual(['t0', 't39', 't1'])
  expect(db.sync.status.getSnapshot().isLoading).toBe(false)
  await db.close()
})

test('what was written after a window was kept is in what is shown', async () => {
  const device = await withTasks()
  await device.db.tasks.put({ id: 'new', rank: 0.5 })
  await device.db.tasks.update('t1', { done: true })
  await device.db.tasks.delete('t0')
  device.machine.kill(device.runtime)
  device.hold()
  const { db } = await device.open()
  const live = db.tasks.live(TOP)
  expect(live.getSnapshot()).toEqual([
    { id: 'new', rank: 0.5 },
    { id: 't1', rank: 1, done: true },
    { id: 't2', rank: 2 },
  ])
  device.goOn()
  await db.close()
})

test('a window that cannot tell what changed is not shown', async () => {
  const device = await withTasks()
  await device.db.tasks.update('t39', { rank: 0.5 })
  device.machine.kill(device.runtime)
  device.hold()
  const { db } = await device.open()
  const live = db.tasks.live(TOP)
  const told = new Promise<void>((resolve) => live.subscribe(resolve))
  expect(live.isLoading).toBe(true)
  device.goOn()
  await told
  expect(live.getSnapshot().map(({ id }) => id)).toEqual(['t0', 't39', 't1'])
  await db.close()
})

test('a kept window that is damaged costs nothing but time', async () => {
  const device = await withTasks()
  device.machine.kill(device.runtime)
  const store = memoryStore({ disk: device.disk })
  await store.open('tasks')
  await store.write({ put: [[WINDOWS_KEY, '{"no":']] })
  await store.close()
  const { db } = await device.open()
  expect((await db.tasks.find(TOP)).map(({ id }) => id)).toEqual(['t0', 't1', 't2'])
  await db.close()
})

const LAST = { where: { rank: { gte: 0 } }, orderBy: { rank: 'desc' }, limit: 3 } as const

/**
 * The tab that led kept its windows and died. The other one, which was open all the while, wrote,
 * kept its own as the leader, and died too. The database is opened again; its pages are held back.
 */
async function afterTwoLeaders(write: (tasks: Tasks) => Promise<unknown>) {
  const device = await withTasks()
  device.machine.kill(device.runtime)
  const first = await device.open()
  const second = await device.open()
  const { tasks } = second.db
  for (const live of [first.db.tasks.live(TOP), first.db.tasks.live(LAST), tasks.live(TOP)])
    live.subscribe(() => {})
  await first.db.tasks.update('t1', { done: true })
  await device.machine.time.advance(10_000)
  device.machine.kill(first.runtime)
  await write(tasks)
  await device.machine.time.advance(60_000)
  expect(second.db.sync.status.getSnapshot().isLeader).toBe(true)
  device.machine.kill(second.runtime)
  device.hold()
  const { db } = await device.open()
  return { db, goOn: device.goOn }
}

test('a window that is again as it was before another tab led is kept again', async () => {
  const { db, goOn } = await afterTwoLeaders((tasks) => tasks.put({ id: 't1', rank: 1 }))
  const live = db.tasks.live(TOP)
  expect(live.isLoading).toBe(false)
  expect(live.getSnapshot()[1]).toEqual({ id: 't1', rank: 1 })
  goOn()
  await db.close()
})

test('a window that only the leader before kept is not shown as of a later time', async () => {
  const { db, goOn } = await afterTwoLeaders((tasks) => tasks.delete('t39'))
  const live = db.tasks.live(LAST)
  const told = new Promise<void>((resolve) => live.subscribe(resolve))
  expect(live.getSnapshot()).toEqual([])
  expect(live.isLoading).toBe(true)
  goOn()
  await told
  expect(live.getSnapshot().map(({ id }) => id)).toEqual(['t38', 't37', 't36'])
  await db.close()
})
