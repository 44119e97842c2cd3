import { askUser, collection, type Document, type DocumentOf, newestWins } from '@holdfast/core'

/** Every written field holds a token that no other write has, so that its fate can be followed. */
export interface Item {
  readonly id: string
  readonly a?: string
  readonly b?: string
  readonly c?: string
  readonly o?: { readonly x?: string; readonly y?: string }
}

/** The collections of every simulated application, one for each rule of settling conflicts. */
export const collections = {
  notes: collection<Item>(),
  tasks: collection<Item>({ deletes: 'editWins' }),
  asks: collection<Item>({ conflict: askUser(), deletes: 'ask' }),
  whole: collection<Item>({ conflict: newestWins() }),
  drafts: collection<Item>({ sync: false }),
}

export type Collections = typeof collections
export type CollectionName = keyof Collections
export type Stored = DocumentOf<Collections['notes']>

export const NAMES = Object.keys(collections) as CollectionName[]
export const SYNCED = NAMES.filter((name) => collections[name].options.sync !== false)

export const isLocalOnly = (name: string) => name === 'drafts'

export function deletesOf(name: string) {
  return collections[name as CollectionName].options.deletes ?? 'deleteWins'
}

export const keyOf = (name: string, id: string) => `${name}/${id}`

export function asDocument(item: Item): Document {
  return item as unknown as Document
}
