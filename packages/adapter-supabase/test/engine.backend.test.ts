import { collection, createHoldfast, newestWins, threeWay } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { supabase } from '../src/index.ts'
import { ADA, CRM, openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ sql: CRM, tables: [{ name: 'contacts', omit: ['owner'] }], maxRows: 100 })
})
afterAll(() => stage.stop())

type Contact = { id: string; name: string; email?: string; age?: number }

interface Device {
  /** Called before each request, with its number. */
  readonly onRequest?: (count: number) => void
  readonly token?: () => string
  readonly refreshAuth?: () => Promise<void>
}

async function openDevice({ onRequest, token = () => stage.supabase.token(ADA), refreshAuth }: Device = {}) {
  let requests = 0
  const client = createClient(stage.supabase.url, 'publishable', {
    accessToken: async () => token(),
    global: {
      fetch: (input, init) => {
        requests += 1
        onRequest?.(requests)
        const headers = new Headers(init?.headers)
        headers.set('authorization', `Bearer ${token()}`)
        return stage.supabase.fetch(input, { ...init, headers })
      },
    },
  })
  return createHoldfast({
    name: 'crm',
    user: ADA,
    local: memoryStore(),
    remote: supabase({ client: { rpc: (fn, args) => client.rpc(fn, args) }, space: ADA }),
    collections: { contacts: collection<Contact>({ conflict: threeWay(newestWins()) }) },
    ...(refreshAuth === undefined ? {} : { refreshAuth }),
  })
}

test('two devices and another program end with the same documents', async () => {
  const [a, b] = [await openDevice(), await openDevice()]
  try {
    for (let i = 0; i < 150; i++) await a.contacts.insert({ id: `c${i}`, name: `Contact ${i}` })
    await a.sync.now()
    await b.sync.now()
    expect(await b.contacts.find({})).toHaveLength(150)

    await a.contacts.update('c1', { name: 'From A' })
    await b.contacts.update('c1', { email: 'from@b' })
    await a.contacts.delete('c2')
    await b.contacts.update('c2', { name: 'Edited' })
    await stage.query(`update contacts set age = 40 where id = 'c1'`)
    await stage.query(`delete from contacts where id = 'c3'`)
    await stage.query(`insert into contacts (id, name, owner) values ('sql', 'By SQL', $1)`, [ADA])
    for (const device of [a, b, a]) await device.sync.now()

    const [left, right] = [await a.contacts.find({}), await b.contacts.find({})]
    const byId = (x: Contact, y: Contact) => (x.id < y.id ? -1 : 1)
    expect(left.toSorted(byId)).toEqual(right.toSorted(byId))
    expect(left.find(({ id }) => id === 'c1')).toEqual({ id: 'c1', name: 'From A', email: 'from@b', age: 40 })
    expect(left.map(({ id }) => id)).not.toContain('c2')
    expect(left.map(({ id }) => id)).not.toContain('c3')
    const rows = await stage.query<{ n: number }>('select count(*)::int as n from contacts')
    expect(left).toHaveLength(rows[0]?.n ?? 0)
  } finally {
    await a.close()
    await b.close()
  }
})

const countOf = async (prefix: string) => {
  const rows = await stage.query<{ n: number }>(`select count(*)::int as n from contacts where id like $1`, [
    `${prefix}%`,
  ])
  return rows[0]?.n
}

test('a token that expires in the middle pauses the sync; with a fresh one it resumes, and nothing is lost', async () => {
  let token = stage.supabase.token(ADA)
  const device = await openDevice({
    token: () => token,
    onRequest: (count) => {
      if (count === 2) token = stage.supabase.token(ADA, { expiresInS: -3600 })
    },
  })
  try {
    for (let i = 0; i < 1_500; i++) await device.contacts.insert({ id: `t${i}`, name: `Token ${i}` })
    await expect(device.sync.now()).rejects.toMatchObject({ code: 'auth' })
    expect(await countOf('t')).toBeLessThan(1_500)
    token = stage.supabase.token(ADA)
    await device.sync.now()
    expect(await countOf('t')).toBe(1_500)
    expect(device.sync.status.getSnapshot().failed).toBe(0)
  } finally {
    await device.close()
  }
})

test('an application that refreshes its token when asked notices no pause', async () => {
  let token = stage.supabase.token(ADA, { expiresInS: -3600 })
  const device = await openDevice({
    token: () => token,
    refreshAuth: async () => {
      token = stage.supabase.token(ADA)
    },
  })
  try {
    await device.contacts.insert({ id: 'fresh', name: 'Fresh' })
    await device.sync.now()
    expect(await countOf('fresh')).toBe(1)
  } finally {
    await device.close()
  }
})
