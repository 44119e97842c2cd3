import type { HoldfastError, LocalStore } from '@holdfast/core'
import { onTestFinished } from 'vitest'
import { dexieStore } from '../src/dexie.ts'
import { type IndexedDbOptions, indexedDb } from '../src/index.ts'

export const STORES = [
  { title: 'indexedDb', make: indexedDb },
  { title: 'dexieStore', make: dexieStore },
] as const

export interface Opened {
  readonly store: LocalStore
  readonly name: string
  /** The name under which the browser knows the database. */
  readonly database: string
  readonly losses: HoldfastError[]
  /** When the store said that the browser had dropped what was there before. */
  readonly drops: number[]
}

export const freshName = (): string => `test-${crypto.randomUUID()}`

/** A store on a database of its own, closed and deleted when the test is over. */
export async function openStore(
  make: (options?: IndexedDbOptions) => LocalStore,
  options: IndexedDbOptions & { readonly name?: string } = {},
): Promise<Opened> {
  const name = options.name ?? freshName()
  const store = make(options)
  const losses: HoldfastError[] = []
  const drops: number[] = []
  onTestFinished(async () => {
    await store.close()
    await store.destroy(name)
  })
  await store.open(name, { onLost: (error) => losses.push(error), onDropped: ({ at }) => drops.push(at) })
  return { store, name, losses, drops, database: `holdfast:${name}` }
}

export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

export const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'resolved',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )
