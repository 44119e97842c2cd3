import { expect, test, vi } from 'vitest'
import { pageKey } from './keys.ts'
import { newManifest } from './manifest.ts'
import { CACHE_CHARS, PageCache } from './page-cache.ts'
import { encodePages } from './records.ts'
import { Tables } from './tables.ts'

const DOCUMENTS_A_PAGE = 10

/** How often rows are looked up while all documents of so many pages, of which two fit into memory, are held. */
async function lookUps(pages: number): Promise<number> {
  const tables = new Tables((row) => ({ value: row.value, conflict: null }))
  const records = new Map<string, string>()
  const located = []
  for (let no = 1; no <= pages; no++) {
    const versions = Array.from({ length: DOCUMENTS_A_PAGE }, (_, n) => {
      const id = `p${no}d${n}`
      return { collection: 'notes', id, rev: id, hlc: id, value: { id } }
    })
    tables.change(() => {
      for (const version of versions) tables.setBase(version, no)
    })
    for (const { text } of encodePages(versions)) records.set(pageKey(no), text)
    located.push(...versions)
  }
  const sizes = Array.from({ length: pages }, (_, at) => [at + 1, DOCUMENTS_A_PAGE, CACHE_CHARS / 2] as const)
  const cache = new PageCache({
    tables,
    store: { getMany: async (keys: readonly string[]) => keys.map((key) => records.get(key)) } as never,
    ready: () => null,
    manifest: () => ({ ...newManifest({ replica: '', user: null, hlc: '' }), pages: sizes }),
    catchUp: async () => {},
  })
  cache.turnOn()
  const get = vi.spyOn(tables, 'get')
  const release = await cache.hold(located)
  for (const { id } of located) expect(tables.view('notes', id)).toEqual({ id })
  release()
  return get.mock.calls.length
}

test('what holding documents costs grows with how many they are, and not with their square', async () => {
  const [few, many] = [await lookUps(40), await lookUps(160)]
  expect(many / few).toBeLessThan(6)
})
