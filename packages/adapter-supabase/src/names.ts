/** What collections are called at the database. */
export interface Names {
  tableOf(collection: string): string
}

/** A collection is the table of the same name in `public`, unless `tables` says otherwise. */
export function namesFrom(tables: Readonly<Record<string, string>>): Names {
  return {
    tableOf: (collection) => {
      const table = Object.hasOwn(tables, collection) ? tables[collection] : undefined
      return (table ?? collection).replace(/^public\./, '')
    },
  }
}
