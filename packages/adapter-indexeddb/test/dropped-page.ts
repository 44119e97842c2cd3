import { indexedDb } from '../src/index.ts'

/** What the page says of its database when it has opened it. */
export interface Start {
  readonly entries: number
  readonly droppedAt: number | null
}

declare global {
  var start: () => Promise<Start>
}

globalThis.start = async () => {
  const store = indexedDb()
  let droppedAt: number | null = null
  await store.open('dropped', {
    onDropped: ({ at }) => {
      droppedAt = at
    },
  })
  const entries = await store.scan({ from: '', to: 'z' })
  await store.write({ put: [['k', 'v']] })
  await store.close()
  return { entries: entries.length, droppedAt }
}
