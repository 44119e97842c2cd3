import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, HoldfastError, type PushMutation, tokens } from '../src/index.ts'
import { createMemoryDisk, createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly n: number
  readonly text?: string
}

/** A store takes a millisecond for each operation, so that something is always under way. */
async function open(options: { maxBatch?: number; maxDocumentBytes?: number } = {}) {
  const machine = createVirtualMachine({ seed: 23 })
  const runtime = machine.tab()
  const remote = memoryRemote({ server: createMemoryServer(options) })
  const sent: PushMutation[][] = []
  const network = { isDown: false, isCaptive: false }
  const push: typeof remote.push = async (request) => {
    sent.push([...request.mutations])
    if (network.isDown) throw new HoldfastError('network', 'The request was lost.', { retryable: true })
    const answer = await remote.push(request)
    if (network.isCaptive) throw new HoldfastError('protocol', 'The answer is a page.', { retryable: true })
    return answer
  }
  const disk = createMemoryDisk()
  const openTab = async () => {
    const opening = createHoldfast({
      name: 'notes',
      local: memoryStore({ disk, latency: () => new Promise((resolve) => runtime.setTimer(1, resolve)) }),
      remote: { ...remote, push },
      collections: { notes: collection<Note>() },
      parts: (container) => container.set({ id: tokens.RUNTIME, value: runtime }),
    })
    await machine.time.advance(100)
    return opening
  }
  const db = await openTab()
  const reopen = async () => {
    const closed = db.close()
    await machine.time.advance(100)
    await closed
    return openTab()
  }
  return { machine, db, sent, network, reopen }
}

test('any number of transactions on one document is sent, each whole', async () => {
  const { machine, db } = await open({ maxBatch: 6 })
  const transactions = async () => {
    await db.notes.insert({ id: 'counter', n: 0 })
    for (let n = 1; n <= 20; n++) {
      await db.transact(async ({ notes }) => {
        await notes.insert({ id: `n${n}`, n })
        await notes.update('counter', { n })
      })
    }
  }
  const written = transactions()
  await machine.time.advance(1_000)
  await written
  db.sync.start()
  await machine.time.advance(10_000)
  expect(db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0 })
})

test('a document that is written without pause is sent all the same', async () => {
  const { machine, db } = await open()
  db.sync.start()
  await machine.time.advance(100)
  let isWriting = true
  const write = async () => {
    for (let n = 1; isWriting; n++) await db.notes.put({ id: 'counter', n })
  }
  const writing = [write(), write()]
  await machine.time.advance(1_000)
  expect(db.sync.metrics().outcomes.applied).toBeGreaterThan(0)
  isWriting = false
  await machine.time.advance(100)
  await Promise.all(writing)
})

test('a transaction that is refused holds what is linked to it, and nothing else', async () => {
  const { machine, db } = await open({ maxBatch: 6, maxDocumentBytes: 1_000 })
  const written = (async () => {
    for (let n = 1; n <= 20; n++) {
      await db.transact(async ({ notes }) => {
        await notes.put({ id: 'counter', n })
        await notes.insert({ id: `n${n}`, n, text: 'x'.repeat(n === 1 ? 2_000 : 1) })
      })
    }
    await db.notes.insert({ id: 'alone', n: 0 })
  })()
  await machine.time.advance(1_000)
  await written
  db.sync.start()
  await machine.time.advance(10_000)
  expect(db.failed.list().map(({ id, failure }) => [id, failure.reason])).toContainEqual(['n1', 'too_large'])
  expect(db.notes.stateOf('n20').kind).toBe('pending')
  expect(db.notes.stateOf('alone').kind).toBe('synced')
})

test('a transaction made while an earlier one is in flight is not torn by it', async () => {
  const { machine, db, sent, network } = await open()
  const write = async (n: number) => {
    const written = db.transact(async ({ notes }) => {
      await notes.put({ id: 'counter', n })
      await notes.insert({ id: `n${n}`, n })
    })
    await machine.time.advance(100)
    await written
  }
  network.isDown = true
  db.sync.start()
  await write(1)
  await write(2)
  network.isDown = false
  await machine.time.advance(60_000)
  expect(db.sync.status.getSnapshot().pending).toBe(0)
  const second = sent.filter((mutations) => mutations.some(({ documentId }) => documentId === 'n2'))
  expect(second.length).toBeGreaterThan(0)
  for (const mutations of second) {
    expect(mutations.find(({ documentId }) => documentId === 'counter')?.value).toMatchObject({ n: 2 })
  }
})

test('a transaction whose push is answered with nonsense is sent again, whole, now and then', async () => {
  const { machine, db, sent, network } = await open()
  network.isCaptive = true
  db.sync.start()
  const written = db.transact(async ({ notes }) => {
    for (let n = 0; n < 5; n++) await notes.insert({ id: `n${n}`, n })
  })
  await machine.time.advance(10 * 60_000)
  await written
  expect(db.sync.status.getSnapshot()).toMatchObject({ pending: 5, failed: 0 })
  expect(sent.length).toBeLessThan(40)
  network.isCaptive = false
  await machine.time.advance(60_000)
  expect(db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0 })
  for (const mutations of sent) expect(mutations).toHaveLength(5)
})

test('after a restart a large transaction in flight is sent as it was, however small the first push would be', async () => {
  const { machine, db, sent, network, reopen } = await open()
  network.isDown = true
  db.sync.start()
  const written = db.transact(async ({ notes }) => {
    for (let n = 0; n < 100; n++) await notes.insert({ id: `n${n}`, n })
  })
  await machine.time.advance(1_000)
  await written
  const again = await reopen()
  network.isDown = false
  again.sync.start()
  await machine.time.advance(60_000)
  expect(again.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0 })
  expect(sent.at(-1)).toHaveLength(100)
})
