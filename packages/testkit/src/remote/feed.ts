import { check, checkEqual } from '../suite/check.ts'
import type { RemoteCase } from './remote-case.ts'

export const feedCases: readonly RemoteCase[] = [
  {
    id: 'pull-empty',
    title: 'a space without documents gives an empty last page with an origin',
    async run(t) {
      const client = await t.client()
      const page = await client.pull()
      checkEqual(page.changes, [], 'A new space has no changes.')
      checkEqual(page.hasMore, false, 'hasMore is false where nothing is left.')
      check(
        page.origin.remote !== '' && page.origin.epoch !== '',
        'Every page says who answered: origin.remote and origin.epoch.',
      )
      checkEqual((await client.pull()).changes, [], 'A second pull of nothing is empty too.')
    },
  },
  {
    id: 'pull-nothing-new',
    title: 'after all was pulled, a pull is empty until someone writes',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const [a, b] = t.make.documents(2)
      if (!a || !b) return
      await writer.apply({ value: a })
      await reader.pullAll()
      for (let i = 0; i < 3; i++) {
        const page = await reader.pull()
        checkEqual(
          [page.changes.length, page.hasMore],
          [0, false],
          'A checkpoint at the end of the feed gives an empty page.',
        )
      }
      await writer.apply({ value: b })
      checkEqual(
        (await reader.pullAll()).map(({ id }) => id),
        [b.id],
        'A pull after an empty one gives what is new.',
      )
    },
  },
  {
    id: 'checkpoint-is-a-position',
    title: 'an old checkpoint gives everything after it again',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const documents = t.make.documents(3)
      await reader.pullAll()
      const before = { notes: null, tasks: null, ...reader.checkpoints } // one that has not moved may be left out
      for (const value of documents) await writer.apply({ value })
      const first = (await reader.pullAll()).map(({ id }) => id)
      Object.assign(reader.checkpoints, before)
      const second = (await reader.pullAll()).map(({ id }) => id)
      checkEqual(
        second,
        first,
        'A pull changes nothing at the remote: the same checkpoint gives the same changes, as after a crash of the client.',
      )
      checkEqual(
        [...first].sort(),
        documents.map(({ id }) => id).sort(),
        'All that came after the checkpoint must be there.',
      )
    },
  },
  {
    id: 'checkpoint-monotonic',
    title: 'each page moves on: what was pulled does not come again, and what was not still comes',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const documents = t.make.documents(14)
      await writer.applyAll(
        documents.map((value, i) => writer.mutation({ value, collection: i % 2 ? 'notes' : 'tasks' })),
      )
      const seen = new Set<string>()
      const left: number[] = []
      for (let hasMore = true; hasMore; ) {
        const page = await reader.pull({ limit: 3 })
        hasMore = page.hasMore
        for (const { id } of page.changes) seen.add(id)
        const rest = await t.client()
        Object.assign(rest.checkpoints, reader.checkpoints)
        rest.origin = reader.origin
        const coming = new Set((await rest.pullAll({ limit: 100 })).map(({ id }) => id))
        check(
          documents.every(({ id }) => seen.has(id) || coming.has(id)),
          'The checkpoint of a page passed a change that was in no page: end it at the last change that the page holds.',
        )
        left.push(coming.size)
        check(
          left.length < 200,
          'Each page must move its checkpoints on: this pull of 14 documents has no end.',
        )
      }
      checkEqual(
        left,
        left.toSorted((a, b) => b - a),
        'A checkpoint must never stand before the one that it follows.',
      )
      checkEqual(left.at(-1), 0, 'After the last page nothing is left.')
    },
  },
  {
    id: 'small-pages',
    title: 'pages of one, three and seven give every document, and only hasMore ends the pull',
    async run(t) {
      const writer = await t.client()
      const documents = t.make.documents(23)
      await writer.applyAll(
        documents.map((value, i) => writer.mutation({ value, collection: i % 3 ? 'notes' : 'tasks' })),
      )
      for (const limit of [1, 3, 7, 23, 1000]) {
        const reader = await t.client()
        const ids = (await reader.pullAll({ limit })).map(({ id }) => id)
        checkEqual(
          [...new Set(ids)].sort(),
          documents.map(({ id }) => id).sort(),
          `With limit ${limit}, every document must come: a page ends at a change, and the checkpoint of each collection must not pass one that was left out. A timestamp is no checkpoint: what was written in one transaction, or in one millisecond, shares it.`,
        )
      }
    },
  },
  {
    id: 'page-size',
    title: 'a page holds about as many changes as were asked for',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      for (const value of t.make.documents(24)) await writer.apply({ value })
      const { changes, hasMore } = await reader.pull({ limit: 4 })
      check(
        changes.length <= 12 && hasMore,
        `A page may hold a few more than the limit, not everything: a client with little memory asks for 4. Received ${changes.length} of 24, hasMore ${hasMore}.`,
      )
    },
  },
  {
    id: 'pages-while-writing',
    title: 'documents written between two pages are not missed',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const documents = t.make.documents(12)
      const chain = documents.map((value) => writer.mutation({ value }))
      await writer.applyAll(chain.slice(0, 8))
      await reader.pull({ limit: 3 })
      await writer.applyAll(chain.slice(8))
      const changed = { ...documents[0], id: documents[0]?.id ?? '', title: 'changed' }
      const update = await writer.apply({ value: changed, base: chain[0] ?? null })
      await reader.pullAll({ limit: 3 })
      checkEqual(
        reader.seen.size,
        12,
        'A document was skipped between two pages. Go on after the place in the feed of the last change (place > last), never by offset: a document that moves to the end shifts everything that an offset counts.',
      )
      checkEqual(
        reader.version(changed.id)?.rev,
        update.id,
        'A document that changed while the pages were read must come in its latest version.',
      )
    },
  },
  {
    id: 'superseded',
    title: 'after many versions of one document, the last one wins in the feed',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const value = { id: t.make.uuid(), title: 'x', count: 0 }
      let base = await writer.apply({ value })
      for (let count = 1; count <= 10; count++)
        base = await writer.apply({ value: { ...value, count }, base })
      const changes = await reader.pullAll({ limit: 2 })
      const revs = changes.filter(({ id }) => id === value.id).map(({ rev }) => rev)
      checkEqual(revs.at(-1), base.id, 'The latest version must stand in the feed, and come last.')
      const hlcs = changes.map(({ hlc }) => hlc)
      checkEqual(
        hlcs,
        [...hlcs].sort(),
        'Versions of one document come in the order in which they were made.',
      )
    },
  },
  {
    id: 'feed-order',
    title: 'changes come in the order in which they became visible',
    async run(t) {
      const [one, two, reader] = [await t.client(), await t.client(), await t.client()]
      const documents = t.make.documents(8)
      // The second writer's timestamps are taken first: the feed follows commits, not clocks.
      const late = documents.slice(4).map((value) => two.mutation({ value }))
      const early = documents.slice(0, 4).map((value) => one.mutation({ value }))
      await one.applyAll(early)
      await reader.pullAll()
      await two.applyAll(late)
      await reader.pullAll()
      checkEqual(
        reader.seen.size,
        8,
        'A change that became visible after a pull must come with the next one, although its timestamp is older: order the feed by commit, never by a timestamp.',
      )
      const other = await t.client()
      const ids = (await other.pullAll({ collections: ['notes'], limit: 3 })).map(({ id }) => id)
      checkEqual(
        [...new Set(ids)].sort(),
        documents.map(({ id }) => id).sort(),
        'Every document must come, whatever its timestamp.',
      )
      const tail = await t.client()
      Object.assign(tail.checkpoints, other.checkpoints)
      tail.origin = other.origin
      const old = two.mutation({
        value: { id: t.make.uuid(), title: 'old clock' },
        hlc: `000000000001-0000-${two.replica}`,
      })
      await two.applyAll([old])
      checkEqual(
        (await tail.pullAll()).map(({ rev }) => rev),
        [old.id],
        'A change with an old timestamp comes after the checkpoint too: order the feed by commit, never by a timestamp.',
      )
    },
  },
  {
    id: 'tombstone-page',
    title: 'tombstones count in pages and checkpoints like any change',
    async run(t) {
      const [writer, reader] = [await t.client(), await t.client()]
      const documents = t.make.documents(9)
      const made = documents.map((value) => writer.mutation({ value }))
      await writer.applyAll(made)
      await reader.pullAll()
      await writer.applyAll(made.map((base) => writer.mutation({ documentId: base.documentId, base })))
      await reader.pullAll({ limit: 2 })
      check(
        [...reader.seen.values()].every(({ value }) => value === null),
        'Every delete must reach a client that had the documents.',
      )
      checkEqual((await reader.pullAll()).length, 0, 'After the tombstones the feed is at its end.')
    },
  },
  {
    id: 'follower',
    title: 'a reader that pulls while four writers push misses nothing',
    async run(t) {
      const reader = await t.client()
      const writers = await Promise.all(Array.from({ length: 4 }, () => t.client()))
      const sent = new Set<string>()
      let isWriting = true
      const writing = Promise.all(
        writers.map(async (writer) => {
          for (let round = 0; round < 6; round++) {
            const documents = t.make.documents(1 + (round % 4))
            for (const { id } of documents) sent.add(id)
            await writer.applyAll(documents.map((value) => writer.mutation({ value })))
          }
        }),
      ).finally(() => {
        isWriting = false
      })
      while (isWriting) await reader.pullAll({ limit: 5 })
      await writing
      await reader.pullAll({ limit: 5 })
      const missed = [...sent].filter((id) => reader.version(id) === undefined)
      checkEqual(
        missed.length,
        0,
        'A checkpoint passed a change that became visible later: order the feed by commit, and end it before the first writer that is still open.',
      )
    },
  },
]
