/** The part of PouchDB that the bench uses: its published types bring another copy of Node's. */
declare module 'pouchdb-browser' {
  interface Stored {
    readonly _id: string
    readonly _rev?: string
  }
  interface Changes<T> {
    readonly results: readonly { readonly id: string; readonly doc?: T & Stored }[]
    readonly last_seq: number | string
  }
  export default class PouchDB<T extends object> {
    static plugin(plugin: unknown): void
    constructor(name: string, options?: { readonly revs_limit?: number; readonly auto_compaction?: boolean })
    get(id: string): Promise<T & Required<Stored>>
    put(document: object): Promise<unknown>
    bulkDocs(documents: readonly object[]): Promise<unknown>
    allDocs(options: { readonly include_docs?: true; readonly keys?: readonly string[] }): Promise<{
      readonly rows: readonly {
        readonly id: string
        readonly key: string
        readonly value?: { readonly rev: string } | null
        readonly doc?: T & Stored
      }[]
    }>
    changes(options: { readonly since: 'now'; readonly live: true }): {
      on(event: 'change', listener: () => void): { cancel(): void }
    }
    changes(options: {
      readonly since: number | string
      readonly include_docs: true
      readonly limit?: number
    }): Promise<Changes<T>>
    createIndex(index: { readonly index: { readonly fields: readonly string[] } }): Promise<unknown>
    find(request: object): Promise<{ readonly docs: readonly (T & Stored)[] }>
    close(): Promise<void>
  }
}

declare module 'pouchdb-find' {
  const plugin: unknown
  export default plugin
}
