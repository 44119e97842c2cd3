import { beforeEach, describe, expect, test } from 'vitest'
import type { Checkpoint, Origin, PushMutation } from '../contracts/remote-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { formatHlc } from '../model/hlc.ts'
import { memoryRemote } from './memory-remote.ts'
import { createMemoryServer, type MemoryServer } from './memory-server.ts'

const REPLICA = 'a'.repeat(16)
let now = 1_000
let server: MemoryServer
let remote: ReturnType<typeof memoryRemote>

beforeEach(() => {
  let ids = 0
  now = 1_000
  server = createMemoryServer({
    runtime: { now: () => now, randomHex: (digits) => (ids++).toString(16).padStart(digits, '0') },
  })
  remote = memoryRemote({ server })
})

function mutation(id: string, parts: Partial<PushMutation> = {}): PushMutation {
  const hlc = formatHlc({ wall: now++, counter: 0, replica: REPLICA })
  return { id, hlc, collection: 'notes', documentId: 'd', base: null, value: { id: 'd', by: id }, ...parts }
}

const push = async (...mutations: PushMutation[]) =>
  (await remote.push({ mutations, replica: REPLICA, signal: new AbortController().signal })).outcomes

const pull = (checkpoint: Checkpoint | null = null, origin: Origin | null = null) =>
  remote.pull({
    checkpoints: { notes: checkpoint },
    origin,
    limit: 10,
    replica: REPLICA,
    signal: new AbortController().signal,
  })

describe('late commits', () => {
  test('an open writer holds the feed before its first place, and its change comes with its commit', async () => {
    const late = server.begin()
    late.write('notes', { id: 'late' })
    server.write('notes', { id: 'early' })
    now += 250
    const first = await pull()
    expect([first.changes, first.lag]).toEqual([[], 250])
    late.commit()
    const second = await pull(first.checkpoints.notes, first.origin)
    expect(second.changes.map(({ id }) => id)).toEqual(['late', 'early'])
    expect(second.lag).toBeUndefined()
  })

  test('a rolled back writer leaves nothing and frees the feed', async () => {
    const late = server.begin()
    late.write('notes', { id: 'late' })
    server.write('notes', { id: 'early' })
    late.rollback()
    expect((await pull()).changes.map(({ id }) => id)).toEqual(['early'])
  })

  test('a document that an open writer holds is pushed later', async () => {
    const late = server.begin()
    late.write('notes', { id: 'd' })
    expect(await push(mutation('m1'))).toMatchObject([{ kind: 'retry', reason: 'locked' }])
    expect(() => server.write('notes', { id: 'd' })).toThrow('open writer')
  })
})

describe('history', () => {
  test('a restored backup is another epoch, and resets checkpoints', async () => {
    server.write('notes', { id: 'kept' })
    const backup = server.backup()
    server.write('notes', { id: 'rewound' })
    const before = await pull()
    server.restore(backup)
    const after = await pull(before.checkpoints.notes, before.origin)
    expect(after.reset).toEqual(['notes'])
    expect(after.origin.remote).toBe(before.origin.remote)
    expect(after.origin.epoch).not.toBe(before.origin.epoch)
    expect(after.changes.map(({ id }) => id)).toEqual(['kept'])
  })

  test('forgotten tombstones reset clients that have not seen them, and no others', async () => {
    server.write('notes', { id: 'd' })
    const before = await pull()
    server.delete('notes', 'd')
    const seen = await pull(before.checkpoints.notes, before.origin)
    server.forgetTombstones()
    expect((await pull(before.checkpoints.notes, before.origin)).reset).toEqual(['notes'])
    expect((await pull(seen.checkpoints.notes, seen.origin)).reset).toBeUndefined()
  })

  test('eight ids are recent, and the ninth oldest is a conflict', async () => {
    let base: string | null = null
    const sent: PushMutation[] = []
    for (let i = 0; i < 9; i++) {
      const next = mutation(`m${i}`, { base })
      sent.push(next)
      await push(next)
      base = next.id
    }
    expect(server.read('notes', 'd')).toMatchObject({
      rev: 'm8',
      recent: ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8'],
    })
    const outcomes = await push(sent[0] as PushMutation, sent[1] as PushMutation)
    expect(outcomes.map(({ kind }) => kind)).toEqual(['conflict', 'duplicate'])
  })

  test('a foreign stamp is after the version it replaces, also when the clock of the server is behind', async () => {
    now = 9_000_000
    const [before] = [mutation('m1')]
    await push(before)
    now = 1
    expect(server.write('notes', { id: 'd' }).hlc > before.hlc).toBe(true)
  })
})

describe('faults', () => {
  test('a lost answer took effect, and the mutation sent again is a duplicate', async () => {
    server.faults.loseResponse()
    const sent = mutation('m1')
    await expect(push(sent)).rejects.toMatchObject({ code: 'network', retryable: true })
    expect(server.read('notes', 'd')?.rev).toBe('m1')
    expect(await push(sent)).toMatchObject([{ kind: 'duplicate' }])
  })

  test('a failed call took no effect, and only as many calls of that kind fail', async () => {
    const error = new HoldfastError('throttled', 'wait', { details: { retryAfter: 5 } })
    server.faults.fail(error, { count: 2, call: 'push' })
    await pull()
    await expect(push(mutation('m1'))).rejects.toBe(error)
    await expect(push(mutation('m2'))).rejects.toBe(error)
    expect(server.read('notes', 'd')).toBeUndefined()
    expect(await push(mutation('m3'))).toMatchObject([{ kind: 'applied' }])
  })

  test('a push that is delivered twice takes effect once', async () => {
    server.faults.deliverTwice()
    expect(await push(mutation('m1'))).toMatchObject([{ kind: 'duplicate' }])
    expect(server.versions()).toHaveLength(1)
  })

  test('a held call waits for its release; one that is aborted meanwhile never takes effect', async () => {
    const release = server.faults.hold('push')
    const abort = new AbortController()
    const aborted = remote.push({ mutations: [mutation('m1')], replica: REPLICA, signal: abort.signal })
    const refused = expect(aborted).rejects.toMatchObject({ code: 'aborted' })
    const waiting = push(mutation('m2', { documentId: 'e', value: { id: 'e' } }))
    await pull()
    abort.abort()
    await refused
    expect(server.versions()).toEqual([])
    release()
    expect(await waiting).toMatchObject([{ kind: 'applied' }])
    expect(server.versions().map(({ id }) => id)).toEqual(['e'])
  })

  test.each([
    ['network', () => server.faults.setAvailable(false), () => server.faults.setAvailable(true)],
    ['auth', () => server.faults.setAuthorized(false), () => server.faults.setAuthorized(true)],
    ['moved', () => server.faults.setSealed(true), () => server.faults.setSealed(false)],
  ] as const)('pushes fail with %s until set back', async (code, set, unset) => {
    set()
    await expect(push(mutation('m1'))).rejects.toMatchObject({ code })
    unset()
    expect(await push(mutation('m2'))).toMatchObject([{ kind: 'applied' }])
  })

  test('a server that changes values answers with them, and never leaves them out as own', async () => {
    const { checkpoints, origin } = await pull()
    server.faults.changeOnWrite((value) => ({ ...value, slug: 'made here' }))
    expect(await push(mutation('m1'))).toMatchObject([{ kind: 'applied', value: { slug: 'made here' } }])
    expect((await pull(checkpoints.notes, origin)).changes).toMatchObject([{ value: { slug: 'made here' } }])
  })

  test('mutations are rejected by a judge, with its reason', async () => {
    server.faults.rejectWhen(({ documentId }) =>
      documentId === 'd' ? { reason: 'unique', constraint: 'one_d' } : null,
    )
    expect(await push(mutation('m1'))).toEqual([{ kind: 'rejected', reason: 'unique', constraint: 'one_d' }])
  })
})

test('own values are left out after the first pull, and subscribers are poked until they stop', async () => {
  const { checkpoints, origin } = await pull()
  let pokes = 0
  const stop = remote.subscribe?.(() => {
    pokes += 1
  })
  await push(mutation('m1'))
  expect((await pull(checkpoints.notes, origin)).changes).toMatchObject([
    { rev: 'm1', value: null, own: true },
  ])
  expect(pokes).toBe(1)
  stop?.()
  server.poke()
  await pull()
  expect(pokes).toBe(1)
})
