import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LocalStore } from '../contracts/local-store.ts'
import type { LocatedVersion } from '../model/document.ts'
import { pageKey } from './keys.ts'
import { newManifest } from './manifest.ts'
import { encodePages } from './records.ts'
import { ON_DISK } from './row.ts'
import { scanDocuments } from './scan.ts'
import { Tables } from './tables.ts'

const ids = fc.integer({ min: 0, max: 11 }).map((n) => `d${n}`)
const collections = fc.constantFrom('notes', 'tags')
const page = fc.array(fc.record({ id: ids, collection: collections, isTombstone: fc.boolean() }), {
  minLength: 1,
  maxLength: 8,
})
/** What happens to a document while pages are read. */
const events = fc.array(
  fc.record({ id: ids, does: fc.constantFrom('move', 'compact', 'bring', 'change', 'delete', 'edit') }),
  { maxLength: 6 },
)

/** Pages of versions, as commits wrote them one after the other; the last version of a document counts. */
function setUp(pages: readonly { id: string; collection: string; isTombstone: boolean }[][]) {
  const tables = new Tables((row) => {
    const change = row.pending?.mutations.at(-1)?.change
    return { value: change?.kind === 'create' ? change.value : row.value, conflict: null }
  })
  const records = new Map<string, LocatedVersion[]>()
  let made = 0
  let no = 0
  const latestOf = (id: string, collection = 'notes') => {
    const versions = records.get(pageKey(tables.get(collection, id)?.at ?? 0)) ?? []
    return versions.findLast((version) => version.id === id && version.collection === collection)
  }
  const bring = (id: string) => {
    for (const collection of ['notes', 'tags']) {
      const row = tables.get(collection, id)
      if (row?.content === ON_DISK) row.content = latestOf(id, collection)?.value ?? null
    }
  }
  const write = (versions: readonly LocatedVersion[]) => {
    no++
    for (const { id } of versions) bring(id)
    const rows = tables.change(() => versions.map((version) => tables.setBase(version, no)))
    records.set(pageKey(no), [...versions])
    for (const row of rows) if (row.pending === null && row.content !== null) row.content = ON_DISK
  }
  const versionOf = (collection: string, id: string, isTombstone: boolean): LocatedVersion => {
    const rev = `r${String(++made).padStart(4, '0')}`
    return { collection, id, rev, hlc: rev, value: isTombstone ? null : { id, made } }
  }
  for (const rows of pages)
    write(rows.map(({ collection, id, isTombstone }) => versionOf(collection, id, isTombstone)))
  const happen = ({ id, does }: { id: string; does: string }) => {
    const row = tables.get('notes', id)
    const latest = latestOf(id)
    if (row === undefined || latest === undefined) return
    if (does === 'move') write([latest])
    if (does === 'compact') {
      const live = [...tables.rows()].filter(({ at }) => at === row.at)
      const page = pageKey(row.at)
      write(live.map((one) => latestOf(one.id, one.collection)).filter((version) => version !== undefined))
      records.delete(page)
    }
    if (does === 'bring') bring(id)
    if (does === 'change') write([versionOf('notes', id, false)])
    if (does === 'delete') write([versionOf('notes', id, true)])
    if (does === 'edit') {
      bring(id)
      const value = { id, made: ++made }
      const mutation = { id: `m${made}`, hlc: `m${made}`, documentId: id, base: row.rev }
      tables.change(() =>
        tables.addMutation({ ...mutation, collection: 'notes', change: { kind: 'create', value } }),
      )
    }
  }
  const viewed = () => {
    const views = new Map<string, unknown>()
    for (const row of tables.rowsOf('notes')) {
      const value = row.content === ON_DISK ? latestOf(row.id)?.value : tables.viewOf(row)
      if (value) views.set(row.id, value)
    }
    return views
  }
  return {
    tables,
    records,
    happen,
    viewed,
    bring,
    manifest: newManifest({ replica: '', user: null, hlc: '' }),
  }
}

test('a look at all documents shows each once, as it stood at one moment, whatever happens meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(page, { minLength: 1, maxLength: 6 }),
      fc.array(events),
      async (pages, turns) => {
        const { tables, records, happen, viewed, bring, manifest } = setUp(pages)
        const moments = [viewed()]
        const store = {
          async getMany(keys: readonly string[]) {
            for (const event of turns.shift() ?? []) {
              happen(event)
              moments.push(viewed())
            }
            return keys.map((key) => encodePages(records.get(key) ?? [])[0]?.text)
          },
        } as unknown as LocalStore
        const shown = new Map<string, unknown>()
        const hold = async (located: readonly { id: string }[]) => {
          for (const { id } of located) bring(id)
          return () => {}
        }
        await scanDocuments('notes', { tables, store, manifest, hold }, (documents, rows) => {
          for (const [i, document] of documents.entries()) {
            expect(rows[i]).toBe(tables.get('notes', document.id))
            expect(shown.has(document.id)).toBe(false)
            shown.set(document.id, document)
          }
        })
        for (const [id, document] of shown)
          expect(moments.map((views) => views.get(id))).toContainEqual(document)
        for (const id of moments[0]?.keys() ?? []) {
          if (moments.every((views) => views.has(id))) expect(shown.has(id)).toBe(true)
        }
      },
    ),
    { numRuns: 500 },
  )
})
