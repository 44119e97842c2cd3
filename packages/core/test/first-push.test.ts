import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, type RemoteStore, tokens } from '../src/index.ts'
import { createMemoryServer, memoryRemote, memoryStore } from '../src/memory.ts'

interface Note {
  readonly id: string
  readonly text: string
}

/** Milliseconds to the server and back. */
interface Way {
  readonly there: number
  readonly back: number
}

/** A new device; `log` has what its server was asked, with the times. */
async function device(line: { readonly pull: Way; readonly push: Way }) {
  const machine = createVirtualMachine({ seed: 1 })
  const server = createMemoryServer()
  const runtime = machine.tab()
  const honest = memoryRemote({ server })
  const log: string[] = []
  const onPushed: { once: (() => void) | null } = { once: null }
  const pause = (ms: number) => new Promise<void>((resolve) => void runtime.setTimer(ms, resolve))
  async function carry<T>(kind: 'pull' | 'push', work: () => Promise<T>): Promise<T> {
    log.push(`${Math.round(machine.time.elapsed())} ${kind}`)
    await pause(line[kind].there)
    const answer = await work()
    if (kind === 'push') {
      onPushed.once?.()
      onPushed.once = null
    }
    await pause(line[kind].back)
    return answer
  }
  const remote: RemoteStore = {
    ...honest,
    pull: (request) => carry('pull', () => honest.pull(request)),
    push: (request) => carry('push', () => honest.push(request)),
  }
  const db = await createHoldfast({
    name: 'notes',
    local: memoryStore(),
    remote,
    collections: { notes: collection<Note>() },
    schedule: { pullLimit: 3 },
    parts: (container) => container.set(tokens.RUNTIME, runtime),
  })
  const sync = async () => {
    const syncing = db.sync.now()
    await machine.time.advance(2000)
    await syncing
  }
  return { server, db, log, sync, onPushed }
}

test.each([
  ['after', { pull: { there: 20, back: 20 }, push: { there: 10, back: 60 } }],
  ['before', { pull: { there: 100, back: 20 }, push: { there: 10, back: 10 } }],
] as const)(
  'what a server lost as it was rewound during the first sync is sent again: answered %s the first page',
  async (_when, line) => {
    const { server, db, sync, onPushed } = await device(line)
    onPushed.once = () => server.restore()
    await db.notes.put({ id: 'mine', text: 'first' })
    await sync()
    await sync()
    expect(await db.notes.get('mine')).toEqual({ id: 'mine', text: 'first' })
    expect(server.versions()).toMatchObject([{ id: 'mine', value: { text: 'first' } }])
    expect(db.sync.status.getSnapshot()).toMatchObject({ pending: 0, failed: 0, conflicts: 0 })
  },
)

test('a first sync pushes once its first page tells which history it is, and reads and sends all of it once', async () => {
  const { server, db, log, sync } = await device({
    pull: { there: 10, back: 10 },
    push: { there: 10, back: 10 },
  })
  for (let n = 0; n < 9; n++) server.write('notes', { id: `theirs${n}`, text: 'old' })
  await db.notes.put({ id: 'mine', text: 'first' })
  await sync()
  expect(log).toEqual(['0 pull', '20 pull', '20 push', '40 pull', '60 pull'])
  expect(await db.notes.find()).toHaveLength(10)
})
