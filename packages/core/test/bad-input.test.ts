import { createVirtualMachine } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import {
  collection,
  createHoldfast,
  type ErrorCode,
  HoldfastError,
  isHoldfastError,
  type LocalStore,
  type RemoteStore,
  tokens,
} from '../src/index.ts'
import { createMemoryDisk, memoryStore } from '../src/memory.ts'

/*
 * Bad input, bad stores and bad remotes: each has a code of its own, says what to do, and changes
 * nothing: not the documents, not the outbox, and not a byte of the local store.
 */

const contact = z.object({ id: z.string(), name: z.string(), age: z.number().optional() })

const collections = {
  contacts: collection({ schema: contact }),
  things: collection({ maxBytes: 1000 }),
}

const untouched = /Nothing was (changed|written|read|opened|deleted)|is kept/

interface Options {
  readonly local?: LocalStore
  readonly remote?: RemoteStore
  readonly user?: string
  readonly refreshAuth?: () => Promise<void>
}

/** A database with two documents that wait for a remote. */
async function setUp(options: Options = {}) {
  const disk = createMemoryDisk()
  const { time, tab } = createVirtualMachine({ seed: 1 })
  const open = (more: Options = {}) =>
    createHoldfast({
      name: 'crm',
      local: memoryStore({ disk }),
      collections,
      ...options,
      ...more,
      parts: (container) => container.set(tokens.RUNTIME, tab()),
    })
  const db = await open()
  await db.contacts.insert({ id: 'ada', name: 'Ada' })
  await db.things.insert({ id: 'lamp', lit: true })
  await time.advance(10)
  const bytes = async (prefix = '') => {
    const store = memoryStore({ disk })
    await store.open('crm')
    const entries = await store.scan({ from: prefix, to: `${prefix}\uffff` })
    await store.close()
    return entries
  }
  const shown = async () => ({
    contacts: await db.contacts.find(),
    things: await db.things.find(),
    pending: db.sync.status.getSnapshot().pending,
  })
  return { db, disk, time, open, bytes, shown }
}

type Set = Awaited<ReturnType<typeof setUp>>

async function failureOf(run: () => unknown): Promise<HoldfastError> {
  try {
    await run()
  } catch (error) {
    if (isHoldfastError(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}

async function expectRefusal(set: Set, run: () => unknown, expected: { code: ErrorCode; advice: RegExp }) {
  const before = { ...(await set.shown()), bytes: await set.bytes() }
  const failure = await failureOf(run)
  expect(failure.code).toBe(expected.code)
  expect(failure.message).toMatch(untouched)
  expect(failure.message).toMatch(expected.advice)
  await set.time.advance(1000)
  expect({ ...(await set.shown()), bytes: await set.bytes() }).toEqual(before)
}

const cycle: Record<string, unknown> = { id: 'x' }
cycle.self = cycle
class Person {
  readonly id = 'x'
}
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
const withKey = (key: string) => JSON.parse(`{"id":"x","at":{"${key}":{"polluted":true}}}`) as object

const json = /use JSON values: text for dates/
const plain = /pass an object literal/
const text = /use a string of 1 to 512 bytes/
const otherName = /use another name/

describe('a document that cannot be one', () => {
  test.each<[what: string, input: unknown, code: ErrorCode, advice: RegExp]>([
    ['undefined', { id: 'x', at: undefined }, 'invalid_value', json],
    ['NaN', { id: 'x', at: Number.NaN }, 'invalid_value', json],
    ['Infinity', { id: 'x', at: [Number.POSITIVE_INFINITY] }, 'invalid_value', json],
    ['a Date', { id: 'x', at: new Date(0) }, 'invalid_value', json],
    ['a BigInt', { id: 'x', at: 1n }, 'invalid_value', json],
    ['a Map', { id: 'x', at: new Map() }, 'invalid_value', json],
    ['bytes', { id: 'x', at: new Uint8Array(1) }, 'invalid_value', json],
    ['a function', { id: 'x', at: () => 1 }, 'invalid_value', json],
    ['a symbol', { id: 'x', at: Symbol('x') }, 'invalid_value', json],
    ['a cycle', cycle, 'invalid_value', json],
    ['a hole in a list', { id: 'x', at: new Array(1) }, 'invalid_value', json],
    ['half a surrogate pair', { id: 'x', at: '\ud800' }, 'invalid_value', json],
    ['too many levels', { id: 'x', at: nested(65) }, 'invalid_value', json],
    ['a property that throws', Object.defineProperty({ id: 'x' }, 'at', thrower()), 'invalid_value', json],
    ['__proto__', withKey('__proto__'), 'forbidden_key', otherName],
    ['constructor', withKey('constructor'), 'forbidden_key', otherName],
    ['prototype', withKey('prototype'), 'forbidden_key', otherName],
    ['a class instance', new Person(), 'invalid_document', plain],
    ['null', null, 'invalid_document', plain],
    ['a list', [], 'invalid_document', plain],
    ['text', 'x', 'invalid_document', plain],
    ['an id that is a number', { id: 1 }, 'invalid_id', text],
    ['an id that is null', { id: null }, 'invalid_id', text],
    ['an empty id', { id: '' }, 'invalid_id', text],
    ['an id with a control character', { id: 'a\u0000b' }, 'invalid_id', text],
    ['an id that is too long', { id: 'x'.repeat(513) }, 'invalid_id', text],
    ['more bytes than allowed', { id: 'x', at: 'é'.repeat(500) }, 'document_too_large', /split it/],
  ])('%s', async (_what, input, code, advice) => {
    const set = await setUp()
    const { things } = set.db
    const bad = input as { id: string }
    await expectRefusal(set, () => things.put(bad), { code, advice })
    await expectRefusal(set, () => things.insert(bad), { code, advice })
    await expectRefusal(set, () => things.insertMany([{ id: 'good' }, bad]), { code, advice })
    await expectRefusal(
      set,
      () =>
        set.db.transact(async (tx) => {
          await tx.things.insert({ id: 'good' })
          await tx.things.put(bad)
        }),
      { code, advice },
    )
    expect({}).not.toHaveProperty('polluted')
  })

  test.each<[what: string, input: unknown, code: ErrorCode]>([
    ['a Date', new Date(0), 'invalid_document'],
    ['a Map', new Map(), 'invalid_document'],
    ['a list', ['x'], 'invalid_document'],
    ['a property that throws', Object.defineProperty({}, 'at', thrower()), 'invalid_value'],
  ])('%s, without an id', async (_what, input, code) => {
    const set = await setUp()
    const advice = /pass an object literal|use JSON values/
    await expectRefusal(set, () => set.db.things.insert(input as { id: string }), { code, advice })
  })

  test.each<[what: string, patch: object, code: ErrorCode, advice: RegExp]>([
    ['NaN', { lit: Number.NaN }, 'invalid_value', json],
    ['undefined', { lit: undefined }, 'invalid_value', json],
    ['__proto__', JSON.parse('{"__proto__":{"polluted":true}}'), 'forbidden_key', otherName],
    ['another id', { id: 'other' }, 'invalid_id', text],
    ['too many bytes', { lit: 'x'.repeat(1000) }, 'document_too_large', /split it/],
  ])('a patch with %s', async (_what, patch, code, advice) => {
    const set = await setUp()
    await expectRefusal(set, () => set.db.things.update('lamp', patch as never), { code, advice })
  })
})

function thrower(): PropertyDescriptor {
  return {
    enumerable: true,
    get() {
      throw new Error('private')
    },
  }
}

describe('a write that does not fit', () => {
  test.each<[what: string, run: (set: Set) => unknown, code: ErrorCode, advice: RegExp]>([
    [
      'the schema, on insert',
      ({ db }) => db.contacts.insert({ name: 1 } as never),
      'schema_mismatch',
      /at "name".+details\.issues/,
    ],
    [
      'the schema, on update',
      ({ db }) => db.contacts.update('ada', { age: 'old' } as never),
      'schema_mismatch',
      /at "age".+details\.issues/,
    ],
    [
      'an unknown collection',
      ({ db }) => db.collection('people' as 'things').insert({}),
      'unknown_collection',
      /there are: contacts, things.+Add it/,
    ],
    ['an id that is taken', ({ db }) => db.things.insert({ id: 'lamp' }), 'document_exists', /Use update/],
    [
      'an id that comes twice',
      ({ db }) => db.things.insertMany([{ id: 'x' }, { id: 'x' }]),
      'document_exists',
      /Use update/,
    ],
    [
      'a document that is not there',
      ({ db }) => db.things.update('desk', { a: 1 }),
      'document_missing',
      /Use insert or put/,
    ],
    [
      'a durability that the store has not',
      ({ db }) => db.things.insert({}, { durability: 'strict' }),
      'unsupported_durability',
      /offers the durability none, not/,
    ],
    [
      'removing the id',
      ({ db }) => db.things.update('lamp', {}, { unset: ['id'] }),
      'invalid_id',
      /leave "id" out of unset/,
    ],
    [
      'deleting what is not synced',
      ({ db }) => db.destroy(),
      'unsynced_writes',
      /Sync first, or pass dropUnsynced/,
    ],
    [
      'retrying what did not fail',
      ({ db }) => db.failed.retry({ collection: 'things', id: 'lamp' }),
      'not_found',
      /no failed document/,
    ],
    ['sync without a remote', ({ db }) => db.sync.now(), 'invalid_options', /opened without a remote/],
  ])('%s', async (_what, run, code, advice) => {
    const set = await setUp()
    await expectRefusal(set, () => run(set), { code, advice })
  })

  test('a call on a transaction that has ended', async () => {
    const set = await setUp()
    for (const late of ['insert', 'put', 'delete'] as const) {
      const kept = await set.db.transact(async (tx) => tx.things)
      const write = async () => (late === 'delete' ? kept.delete('lamp') : kept[late]({ id: 'late' }))
      await expectRefusal(set, write, { code: 'transaction_closed', advice: /Await every call/ })
      await expectRefusal(set, () => kept.update('lamp', { lit: false }), {
        code: 'transaction_closed',
        advice: /Await every call/,
      })
    }
  })

  test('a call that was not awaited, and whose check ends after its transaction', async () => {
    const { promise: checked, resolve: endCheck } = Promise.withResolvers<boolean>()
    const schema = z.object({ id: z.string() }).refine(() => checked)
    const db = await createHoldfast({
      name: 'slow',
      local: memoryStore(),
      collections: { notes: collection({ schema }) },
    })
    let late: Promise<HoldfastError> | undefined
    await db.transact(async (tx) => {
      late = failureOf(() => tx.notes.insert({ id: 'late' }))
    })
    endCheck(true)
    expect((await late)?.code).toBe('transaction_closed')
    expect(await db.notes.find()).toEqual([])
  })

  test('a question with an unknown operator', async () => {
    const { db } = await setUp()
    const wrong = { where: { name: { like: 'A' } } } as never
    expect((await failureOf(() => db.contacts.find(wrong))).code).toBe('invalid_query')
  })

  test('a disk without space, and with space again', async () => {
    const set = await setUp()
    set.disk.setQuota(0)
    await expectRefusal(set, () => set.db.things.insert({ id: 'x' }), {
      code: 'store_full',
      advice: /Free space/,
    })
    set.disk.setQuota(Number.POSITIVE_INFINITY)
    await set.db.things.insert({ id: 'x' })
    expect(await set.db.things.get('x')).toEqual({ id: 'x' })
  })
})

describe('a database that does not open', () => {
  /** A store that cannot be read without its key, as a decorator that encrypts would be. */
  const locked = (inner: LocalStore, key: string): LocalStore => ({
    ...inner,
    specVersion: 1,
    capabilities: inner.capabilities,
    async open(name, events) {
      if (key === 'right') return inner.open(name, events)
      throw new HoldfastError(
        'wrong_key',
        'The key does not fit this database. Nothing was changed. Give the key that it was made with.',
      )
    },
  })
  const unavailable = new HoldfastError(
    'store_unavailable',
    'The store cannot be opened. Nothing was changed. Allow storage for this site.',
  )

  test.each<[what: string, open: (set: Set) => Promise<unknown>, code: ErrorCode, advice: RegExp]>([
    [
      'since the store does not',
      ({ disk, open }) => {
        disk.failOpens(unavailable)
        return open().finally(() => disk.failOpens(null))
      },
      'store_unavailable',
      /Allow storage/,
    ],
    [
      'with a wrong key',
      ({ disk, open }) => open({ local: locked(memoryStore({ disk }), 'wrong') }),
      'wrong_key',
      /Give the key/,
    ],
    [
      'for another user',
      ({ disk, open }) => open({ user: 'eve', local: oneFile(memoryStore({ disk })) }),
      'wrong_user',
      /with the user who made it/,
    ],
    [
      'under a name that is none',
      ({ disk }) => createHoldfast({ name: 'a/b', local: memoryStore({ disk }), collections }),
      'invalid_options',
      /holds no "\/"/,
    ],
    [
      'under a name that no store takes',
      ({ disk }) =>
        createHoldfast({ name: 'crm', user: 'u'.repeat(252), local: memoryStore({ disk }), collections }),
      'invalid_options',
      /at most 254 characters/,
    ],
    [
      'with a collection that is named like a member',
      ({ disk }) =>
        createHoldfast({ name: 'crm', local: memoryStore({ disk }), collections: { sync: collection() } }),
      'invalid_options',
      /use letters, digits/,
    ],
    [
      'with a store of another contract',
      ({ disk, open }) => open({ local: { ...memoryStore({ disk }), specVersion: 2 } as never }),
      'unsupported_spec',
      /speaks 1/,
    ],
    [
      'with a durability that the store has not',
      ({ disk }) =>
        createHoldfast({ name: 'crm', local: memoryStore({ disk }), collections, durability: 'strict' }),
      'unsupported_durability',
      /offers durability none/,
    ],
  ])('%s', async (_what, open, code, advice) => {
    const set = await setUp()
    await expectRefusal(set, () => open(set), { code, advice })
    const again = await set.open()
    expect(await again.contacts.find()).toEqual([{ id: 'ada', name: 'Ada' }])
  })

  test.each<[what: string, options: object, advice: RegExp]>([
    ['without options', undefined as never, /name, local and collections/],
    ['without a store', { local: undefined }, /local must be a local store/],
    ['with a remote that is none', { remote: {} }, /remote must be a remote store/],
    ['without collections', { collections: undefined }, /collections must be an object/],
    ['with a collection that is none', { collections: { notes: {} } }, /"notes" must be described by/],
    [
      'with an index that is no name',
      { collections: { notes: collection({ indexes: [1] } as never) } },
      /indexes of the collection "notes"/,
    ],
    [
      'with a schema that is none',
      { collections: { notes: collection({ schema: {} } as never) } },
      /schema of the collection "notes"/,
    ],
  ])('%s', async (_what, wrong, advice) => {
    const set = await setUp()
    const local = memoryStore({ disk: set.disk })
    const options = wrong && { name: 'crm', local, collections, ...wrong }
    await expectRefusal(set, () => createHoldfast(options as never), { code: 'invalid_options', advice })
  })

  test('with a record that is damaged: it says so and never looks empty', async () => {
    const set = await setUp()
    const { disk, db, open, bytes } = set
    await db.close()
    const store = memoryStore({ disk })
    await store.open('crm')
    await store.write({ put: [['m', 'not a manifest']] })
    await store.close()
    const before = await bytes()
    const failure = await failureOf(() => open())
    expect(failure.code).toBe('store_corrupt')
    expect(failure.message).toMatch(/Nothing was changed/)
    expect(await bytes()).toEqual(before)
  })

  /** One database whatever the name, as a store on a single file is. */
  const oneFile = (inner: LocalStore): LocalStore => ({
    ...inner,
    specVersion: 1,
    capabilities: inner.capabilities,
    open: (_name, events) => inner.open('crm', events),
  })
})

describe('a remote that does not answer', () => {
  const failing = (code: ErrorCode, message: string): RemoteStore => {
    const fail = async () => {
      throw new HoldfastError(code, message)
    }
    return {
      specVersion: 1,
      name: 'failing',
      capabilities: {
        maxBatch: 10,
        maxBatchBytes: 1_000_000,
        maxDocumentBytes: 1_000_000,
        atomicGroups: 0,
        pokes: false,
      },
      pull: fail,
      push: fail,
    }
  }

  test.each<[what: string, code: ErrorCode, message: string]>([
    ['no network', 'network', 'The remote cannot be reached. Everything is kept; check the connection.'],
    ['the installer was not run', 'remote_not_installed', 'There are no tables. Run the installer.'],
    ['no credentials', 'auth', 'The token has expired. Sign in.'],
  ])(
    '%s: the failure reaches the caller and the status, and every write is kept',
    async (_w, code, message) => {
      const { db, shown, bytes, time } = await setUp({ remote: failing(code, message) })
      const before = { shown: await shown(), log: await bytes('w/') }
      const failure = await failureOf(() => db.sync.now())
      expect({ code: failure.code, message: failure.message }).toEqual({ code, message })
      expect(db.sync.status.getSnapshot().error).toEqual({ code, message })
      await time.advance(1000)
      expect({ shown: await shown(), log: await bytes('w/') }).toEqual(before)
      // Nothing was read yet, so nothing is on its way, and there is no note of what may be.
      const others = (await bytes()).filter(([key]) => !key.startsWith('w/')).map(([key]) => key)
      expect(others).toEqual(['m'])
    },
  )

  test('no credentials, and no fresh ones to be had: paused until someone signs in', async () => {
    const set = await setUp()
    const before = await set.shown()
    await set.db.close()
    const db = await set.open({
      remote: failing('auth', 'The token has expired. Sign in.'),
      refreshAuth: async () => {
        throw new TypeError('no session')
      },
    })
    await set.time.advance(10)
    expect((await failureOf(() => db.sync.now())).code).toBe('auth')
    db.sync.start()
    await set.time.advance(60_000)
    const { state, error, pending } = db.sync.status.getSnapshot()
    expect({ state, code: error?.code, pending }).toEqual({
      state: 'paused',
      code: 'auth',
      pending: before.pending,
    })
    expect(db.sync.metrics().requests).toBeLessThan(10)
  })

  test('a remote of another contract is refused when the database is opened', async () => {
    const set = await setUp()
    const remote = { ...failing('network', ''), specVersion: 2 } as never
    await expectRefusal(set, () => set.open({ remote }), { code: 'unsupported_spec', advice: /speaks 1/ })
  })
})
