import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import {
  collection,
  createHoldfast,
  type Document,
  formatHlc,
  type PushMutation,
  type RemoteStore,
  type Runtime,
  type SettledConflict,
  tokens,
} from '../src/index.ts'
import { createMemoryDisk, type MemoryDisk, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text: string
  readonly n?: number
}

/** A remote that holds one document, `n1`, and whose feed is that document. */
function oneNote() {
  let current = version(1, { id: 'n1', text: 'first', n: 1 })
  const outcomeOf = ({ id, hlc, base, value }: PushMutation) => {
    if (base !== current.rev) return { kind: 'conflict' as const, current }
    current = { rev: id, hlc, value, recent: [id] }
    return { kind: 'applied' as const, rev: id, hlc }
  }
  const remote: RemoteStore = {
    specVersion: 1,
    name: 'one note',
    capabilities: {
      maxBatch: 10,
      maxBatchBytes: 1e6,
      maxDocumentBytes: 1e6,
      atomicGroups: 0,
      pokes: false,
    },
    pull: async () => ({
      changes: [{ collection: 'notes', id: 'n1', ...current }],
      checkpoints: { notes: current.rev },
      hasMore: false,
      origin: { remote: 'one note', epoch: '1' },
    }),
    push: async ({ mutations }) => ({ outcomes: mutations.map(outcomeOf) }),
  }
  const write = (wall: number, value: Document | null) => {
    current = version(wall, value)
  }
  return { remote, write, read: () => current.value }
}

function version(wall: number, value: Document | null) {
  const hlc = formatHlc({ wall, counter: 0, replica: 'f'.repeat(16) })
  return { rev: `rev-${wall}`, hlc, value, recent: [] as string[] }
}

async function openAlone(remote: RemoteStore, seed: number) {
  const machine = createVirtualMachine({ seed })
  const db = await openNotes(remote, machine.tab())
  await machine.time.advance(10)
  return db
}

const openNotes = (remote: RemoteStore, runtime: Runtime, disk: MemoryDisk = createMemoryDisk()) =>
  createHoldfast({
    name: 'notes',
    local: memoryStore({ disk }),
    remote,
    collections: { notes: collection<Note>() },
    parts: (container) => container.set(tokens.RUNTIME, runtime),
  })

function hearing(db: Awaited<ReturnType<typeof openNotes>>) {
  const heard: SettledConflict[] = []
  const stop = db.conflicts.onSettled((conflict) => void heard.push(conflict))
  return { heard, stop }
}

test('a settled conflict is told field by field, to every tab, and no more after stopping', async () => {
  const machine = createVirtualMachine({ seed: 1 })
  const { remote, write, read } = oneNote()
  const disk = createMemoryDisk()
  const a = await openNotes(remote, machine.tab(), disk)
  const b = await openNotes(remote, machine.tab(), disk)
  await machine.time.advance(10)
  await a.sync.now()
  await machine.time.advance(10)
  const [inA, inB] = [hearing(a), hearing(b)]
  await a.notes.update('n1', { text: 'mine' })
  write(2, { id: 'n1', text: 'first', n: 2 })
  await a.sync.now()
  await machine.time.advance(10)
  const expected: SettledConflict = {
    collection: 'notes',
    id: 'n1',
    decisions: [
      { path: ['text'], chosen: 'local', why: 'only local changed' },
      { path: ['n'], chosen: 'remote', why: 'only remote changed' },
    ],
  }
  expect(read()).toEqual({ id: 'n1', text: 'mine', n: 2 })
  expect(inA.heard).toEqual([expected])
  expect(inB.heard).toEqual([expected])

  inA.stop()
  await a.notes.delete('n1')
  write(3, { id: 'n1', text: 'theirs', n: 3 })
  await a.sync.now()
  expect(inA.heard).toHaveLength(1)
})

test('a change that lost is told as well, though nothing is sent', async () => {
  const { remote, write, read } = oneNote()
  const db = await openAlone(remote, 2)
  await db.sync.now()
  const { heard } = hearing(db)
  await db.notes.update('n1', { text: 'mine' })
  write(2, null)
  await db.sync.now()
  expect(read()).toBeNull()
  expect(await db.notes.get('n1')).toBeUndefined()
  expect(heard).toEqual([
    { collection: 'notes', id: 'n1', decisions: [{ path: [], chosen: 'remote', why: 'delete wins' }] },
  ])
})

test('a write that met no conflict is not told, and a listener that throws harms nobody', async () => {
  const { remote, write } = oneNote()
  const db = await openAlone(remote, 3)
  await db.sync.now()
  db.conflicts.onSettled(() => {
    throw new Error('listener')
  })
  const { heard } = hearing(db)
  await db.notes.update('n1', { text: 'mine' })
  await db.sync.now()
  expect(heard).toEqual([])
  await db.notes.update('n1', { text: 'again' })
  write(9e12, { id: 'n1', text: 'theirs', n: 1 })
  await db.sync.now()
  expect(heard).toMatchObject([{ decisions: [{ path: ['text'], chosen: 'remote', why: 'newer' }] }])
})
