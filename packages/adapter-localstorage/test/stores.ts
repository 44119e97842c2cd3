import type { LocalStore } from '@holdfast/core'
import { localStorageStore } from '../src/index.ts'

export async function openOn(storage: Storage, name = 'app'): Promise<LocalStore> {
  const store = localStorageStore({ storage })
  await store.open(name)
  return store
}

export const everything = (store: LocalStore) => store.scan({ from: '', to: '\uffff' })

export const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'resolved',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )
