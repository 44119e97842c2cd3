import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, HoldfastError, type RemoteStore, tokens } from '../src/index.ts'
import { createMemoryDisk, memoryStore } from '../src/memory.ts'

const nothingNew: RemoteStore = {
  specVersion: 1,
  name: 'empty',
  capabilities: { maxBatch: 1, maxBatchBytes: 1e6, maxDocumentBytes: 1e6, atomicGroups: 0, pokes: false },
  pull: async () => ({
    changes: [],
    checkpoints: { notes: '1' },
    hasMore: false,
    origin: { remote: 'r', epoch: '1' },
  }),
  push: async () => {
    throw new HoldfastError('network', 'no pushes here', { retryable: true })
  },
}

async function open({ isOnline }: { isOnline: boolean }) {
  const machine = createVirtualMachine({ seed: 11 })
  const runtime = machine.tab()
  runtime.connectivity.set(isOnline)
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore({ disk: createMemoryDisk() }),
    remote: nothingNew,
    collections: { notes: collection() },
    parts: (container) => container.set({ id: tokens.RUNTIME, value: runtime }),
  })
  db.sync.start()
  await machine.time.advance(100)
  const state = () => db.sync.status.getSnapshot().state
  return { machine, runtime, db, state }
}

test('the status says offline as soon as the network goes, and recovers with it', async () => {
  const { machine, runtime, db, state } = await open({ isOnline: true })
  expect(state()).toBe('idle')
  runtime.connectivity.set(false)
  expect(state()).toBe('offline')
  expect(db.sync.status.getSnapshot().nextSyncAt).toBeNull()
  runtime.connectivity.set(true)
  await machine.time.advance(100)
  expect(state()).toBe('idle')
})

test('the status says offline when sync is started without a network, and stopped when it is stopped', async () => {
  const { runtime, db, state } = await open({ isOnline: false })
  expect(state()).toBe('offline')
  db.sync.stop()
  runtime.connectivity.set(true)
  runtime.connectivity.set(false)
  expect(state()).toBe('stopped')
})
