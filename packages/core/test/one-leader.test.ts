import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import {
  collection,
  createHoldfast,
  type LocalStore,
  type RemoteStore,
  type Runtime,
  tokens,
} from '../src/index.ts'
import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'
import { LEDGER } from '../src/storage/keys.ts'

interface Note {
  readonly id: string
  readonly text: string
}

/** A device whose tabs share a disk; `ledgerKeys` are those under which a ledger record was written, in order. */
function createDevice(seed: number) {
  const machine = createVirtualMachine({ seed })
  const disk = createMemoryDisk()
  const server = createMemoryServer()
  const ledgerKeys: string[] = []
  let reading: Promise<void> | null = null

  function open(
    runtime: Runtime,
    { push, beforeWrite }: { push?: RemoteStore['push']; beforeWrite?: () => Promise<void> | null } = {},
  ) {
    const store = memoryStore({ disk })
    const local: LocalStore = Object.assign(Object.create(store), {
      async write(...[batch, options]: Parameters<LocalStore['write']>) {
        await beforeWrite?.()
        await store.write(batch, options)
        for (const [key] of batch.put ?? []) if (key.startsWith('s/')) ledgerKeys.push(key)
      },
      async scan(range: Parameters<LocalStore['scan']>[0]) {
        const found = await store.scan(range)
        if (range.from === LEDGER.from) await reading
        return found
      },
    })
    const remote = memoryRemote({ server })
    return createHoldfast({
      name: 'notes',
      local,
      remote: { ...remote, push: push ?? remote.push },
      collections: { notes: collection<Note>(), drafts: collection<Note>({ sync: false }) },
      parts: (container) => container.set(tokens.RUNTIME, runtime),
    })
  }

  /** Who has read the ledger goes on when the returned function is called. */
  function holdReading(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    reading = promise
    return () => {
      reading = null
      resolve()
    }
  }

  /** Whoever leads loses the lock, which goes to the next in line. */
  async function stealLock(): Promise<void> {
    const { scope } = memoryStore({ disk }).capabilities
    const stolen = machine
      .tab()
      .locks.request(`holdfast/${scope}/notes/leader`, { steal: true }, async () => {})
    await machine.time.advance(10)
    await stolen
  }

  return { machine, server, ledgerKeys, open, holdReading, stealLock }
}

/** A tab that is not told that its lock was stolen: events of a frozen tab come in any order when it thaws. */
function deaf(runtime: Runtime): Runtime {
  const { locks } = runtime
  return {
    ...runtime,
    locks: {
      ...locks,
      request: (name, options, hold) =>
        locks.request(name, options, () => hold(new AbortController().signal)),
    },
  }
}

test('a leader that reads of another fence does not lead under it', async () => {
  const { machine, ledgerKeys, open } = createDevice(1)
  const first = machine.tab()
  const a = await open(deaf(first))
  const b = await open(machine.tab())
  await machine.time.advance(10)
  machine.freeze(first)
  await machine.time.advance(60_000)
  expect(b.sync.status.getSnapshot().isLeader).toBe(true)
  await b.drafts.insert({ id: 'b1', text: 'while the first was frozen' })
  await b.sync.optimize()
  machine.thaw(first)
  await machine.time.advance(10)
  await Promise.all([
    a.drafts.insert({ id: 'a', text: 'by the first' }),
    b.drafts.insert({ id: 'b2', text: 'by the second' }),
  ])
  const done = Promise.allSettled([a.sync.optimize(), b.sync.optimize()])
  await machine.time.advance(10)
  await done
  expect(ledgerKeys).toEqual([...new Set(ledgerKeys)])
  await machine.time.advance(10_000)
  expect([a, b].map((db) => db.sync.status.getSnapshot().isLeader)).toEqual([false, true])
})

test('a tab that does not lead any more sends nothing, though a round was asked for', async () => {
  const { machine, server, open } = createDevice(2)
  const first = machine.tab()
  const remote = memoryRemote({ server })
  const sentBy: { isLeader: boolean }[] = []
  const a = await open(first, {
    push(request) {
      sentBy.push({ isLeader: a.sync.status.getSnapshot().isLeader })
      return remote.push(request)
    },
  })
  const b = await open(machine.tab())
  await machine.time.advance(10)
  const release = server.faults.hold('push')
  await a.notes.insert({ id: 'n', text: 'sent once' })
  const rounds = [a.sync.now(), a.sync.now()].map((round) => round.catch((error) => error))
  await machine.time.advance(10)
  machine.freeze(first)
  await machine.time.advance(20_000)
  machine.thaw(first)
  await machine.time.advance(10)
  expect(b.sync.status.getSnapshot().isLeader).toBe(true)
  release()
  await machine.time.advance(10_000)
  expect(await Promise.all(rounds)).toMatchObject([{ code: 'aborted' }, { code: 'store_conflict' }])
  expect(sentBy).toEqual([{ isLeader: true }])
})

test('what a leader commits while it reads the database again is not lost with what was read before', async () => {
  const { machine, ledgerKeys, open, holdReading } = createDevice(3)
  let isLost = false
  const lossy = (runtime: Runtime): Runtime => ({
    ...runtime,
    openChannel(name) {
      const channel = runtime.openChannel(name)
      return { ...channel, post: (message) => (isLost ? undefined : channel.post(message)) }
    },
  })
  const a = await open(machine.tab())
  const b = await open(lossy(machine.tab()))
  await machine.time.advance(10)
  isLost = true
  await b.notes.insert({ id: 'b1', text: 'not heard' })
  isLost = false
  const goOn = holdReading()
  await b.notes.insert({ id: 'b2', text: 'shows that something was not heard' })
  await machine.time.advance(10)
  await a.drafts.insert({ id: 'd1', text: 'settled while it reads' })
  await machine.time.advance(10)
  expect(ledgerKeys).toHaveLength(1)
  goOn()
  await machine.time.advance(10)
  await a.drafts.insert({ id: 'd2', text: 'settled afterwards' })
  await machine.time.advance(10)
  expect(ledgerKeys).toHaveLength(2)
  expect(ledgerKeys).toEqual([...new Set(ledgerKeys)])
  expect((await a.notes.find()).map(({ id }) => id).sort()).toEqual(['b1', 'b2'])
  expect((await a.drafts.find()).map(({ id }) => id).sort()).toEqual(['d1', 'd2'])
})

test('a leader hears that a tab which had lost the lock took the fence: commands are not told that another tab leads', async () => {
  const { machine, server, open, stealLock } = createDevice(4)
  const { promise, resolve } = Promise.withResolvers<void>()
  let isSlow = false
  const a = await open(machine.tab())
  const b = await open(machine.tab(), { beforeWrite: () => (isSlow ? promise : null) })
  const leading = () => [a, b].filter((db) => db.sync.status.getSnapshot().isLeader)
  await machine.time.advance(10)
  isSlow = true
  await stealLock()
  await stealLock()
  expect(leading()).toEqual([a])
  resolve()
  await machine.time.advance(10_000)
  expect(leading()).toHaveLength(1)
  await a.notes.insert({ id: 'n', text: 'sent at once' })
  const done = a.sync.now()
  await machine.time.advance(10)
  await done
  expect(server.versions()).toHaveLength(1)
})
