import { indexedDb } from '@holdfast/adapter-indexeddb'
import { dexieStore } from '@holdfast/adapter-indexeddb/dexie'
import { localStorageStore } from '@holdfast/adapter-localstorage'
import type { LocalStore } from '@holdfast/core'
import { describe, expect, inject, test } from 'vitest'
import { application, EXPECTED_TITLES } from '../src/application.ts'
import { REMOTES, remoteOf } from '../src/remotes.ts'

const LOCALS: Record<string, () => LocalStore> = {
  indexeddb: () => indexedDb(),
  dexie: () => dexieStore(),
  localstorage: () => localStorageStore(),
}

let pair = 0
describe.each(Object.keys(LOCALS))('%s', (local) => {
  test.each(REMOTES)('with %s', async (remote) => {
    const name = `${local}-${remote}`
    const backends = inject('backends')[pair++]
    if (backends === undefined) throw new Error('the matrix has more pairs than users')
    const device = { local: LOCALS[local] as () => LocalStore, remote: remoteOf(remote, name, backends) }
    const { a, b, titles } = await application(name, device, device)
    expect(a).toBe(b)
    expect(titles).toEqual(EXPECTED_TITLES)
  })
})
