import {
  collection,
  createHoldfast,
  type DocumentOf,
  type LocalStore,
  newestWins,
  type RemoteStore,
  type SettledConflict,
  threeWay,
} from '@holdfast/core'
import { z } from 'zod'

/*
 * The application. It knows no backend: both stores are given, and this file is the same for
 * PostgreSQL and DynamoDB, for SQLite, memory and localStorage.
 */

const placeSchema = z.strictObject({
  id: z.string(),
  geoname: z.int(),
  name: z.string(),
  country: z.string(),
  population: z.int(),
  lat: z.number(),
  lon: z.number(),
  tags: z.array(z.string()).optional(),
  note: z.string().optional(),
})

const places = collection({
  schema: placeSchema,
  conflict: threeWay(newestWins()),
  indexes: ['country'],
})

export type Place = DocumentOf<typeof places>
export type PlaceEdit = Partial<Pick<Place, 'name' | 'population' | 'tags' | 'note'>>
/** Without an id, one is made. */
export type NewPlace = Omit<Place, 'id'> & { readonly id?: string }

export interface PlacesApp {
  add(place: NewPlace): Promise<Place>
  edit(id: string, edit: PlaceEdit): Promise<Place>
  remove(id: string): Promise<boolean>
  get(id: string): Promise<Place | undefined>
  all(): Promise<Place[]>
  inCountry(country: string): Promise<Place[]>
  /** Sends what is waiting and fetches what others did. */
  sync(): Promise<void>
  /** Writes that the remote has not confirmed. */
  waiting(): number
  /** Calls `listener` when `waiting` may have changed. Returns how to stop. */
  onWaiting(listener: () => void): () => void
  onSettled(listener: (conflict: SettledConflict) => void): () => void
  close(): Promise<void>
}

export async function openPlaces(stores: { local: LocalStore; remote: RemoteStore }): Promise<PlacesApp> {
  const db = await createHoldfast({
    name: 'places',
    ...stores,
    collections: { places },
  })
  return {
    add: (place) => db.places.insert(place),
    edit: (id, edit) => db.places.update(id, edit),
    remove: (id) => db.places.delete(id),
    get: (id) => db.places.get(id),
    all: () => db.places.find(),
    inCountry: (country) => db.places.find({ where: { country }, orderBy: { population: 'desc' } }),
    sync: () => db.sync.now(),
    waiting: () => db.sync.status.getSnapshot().pending,
    onWaiting: (listener) => db.sync.status.subscribe(listener),
    onSettled: (listener) => db.conflicts.onSettled(listener),
    close: () => db.close(),
  }
}
