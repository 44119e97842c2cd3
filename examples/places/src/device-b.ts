import process from 'node:process'
import { sqlite } from '@holdfast/adapter-sqlite'
import type { NewPlace, Place } from './places.ts'
import { openPlaces } from './places.ts'
import { connect, type RemoteAccess } from './remotes.ts'

/*
 * Device B as a process of its own, which is told what to do and killed while it does it. It
 * writes, syncs, and goes on writing while it syncs.
 */

export interface Task {
  readonly directory: string
  readonly access: RemoteAccess
  /** Added before the sync begins; these wait in the outbox when it does. */
  readonly before: readonly NewPlace[]
  /** Added one after the other while the sync runs. */
  readonly during: readonly NewPlace[]
}

export type Said =
  | { readonly kind: 'opened'; readonly waiting: number }
  /** This write was acknowledged: from here on it must not be lost. */
  | { readonly kind: 'acknowledged'; readonly geoname: number }
  | { readonly kind: 'synced'; readonly places: readonly Place[] }

function say(said: Said): Promise<void> {
  return new Promise((sent, failed) => {
    process.send?.(said, undefined, {}, (error) => (error === null ? sent() : failed(error)))
  })
}

async function run({ directory, access, before, during }: Task): Promise<void> {
  const app = await openPlaces({ local: sqlite({ directory }), remote: connect(access) })
  await say({ kind: 'opened', waiting: app.waiting() })
  const add = async (place: NewPlace) => {
    await app.add(place)
    await say({ kind: 'acknowledged', geoname: place.geoname })
  }
  for (const place of before) await add(place)
  const syncing = app.sync()
  for (const place of during) await add(place)
  await syncing
  await app.sync()
  await say({ kind: 'synced', places: await app.all() })
  await app.close()
  process.disconnect?.()
}

// Ends with the program that started it, however that ends.
process.once('disconnect', () => process.exit())
process.once('message', (task) => void run(task as Task))
