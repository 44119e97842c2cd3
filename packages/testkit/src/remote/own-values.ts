import { check, checkEqual } from '../suite/check.ts'
import { checkHolds } from './expectations.ts'
import type { RemoteCase } from './remote-case.ts'

export const ownValueCases: readonly RemoteCase[] = [
  {
    id: 'own-revisions',
    title: 'own revisions come back, with or without their value, and others always with it',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      await one.pullAll()
      await two.pullAll()
      const [mine, theirs] = t.make.documents(2)
      if (!mine || !theirs) return
      const made = await one.apply({ value: mine })
      await two.apply({ value: theirs })
      const changes = await one.pullAll()
      check(
        changes.some(({ rev }) => rev === made.id),
        'An own revision must stand in the feed, so that a client whose answer was lost learns of it.',
      )
      const foreign = changes.find(({ id }) => id === theirs.id)
      check(
        foreign !== undefined && foreign.own === undefined && foreign.value !== null,
        'A value that another replica wrote must never be left out.',
      )
      checkHolds(one.value(theirs.id), theirs, 'The value of another replica must be whole.')
    },
  },
  {
    id: 'own-in-mixed-pages',
    title: 'small pages that mix own and other revisions, documents and tombstones, give every value',
    async run(t) {
      const [one, two] = [await t.client(), await t.client()]
      await one.pullAll()
      const documents = t.make.documents(12)
      for (const [i, value] of documents.entries()) {
        const [author, other] = i % 2 ? [one, two] : [two, one]
        const base = await author.apply({ value })
        if (i % 3 === 1) await other.apply({ value: { ...value, title: `edited ${i}` }, base })
        if (i % 3 === 2) await other.apply({ documentId: value.id, base })
      }
      await one.pullAll({ limit: 2 })
      for (const [i, value] of documents.entries()) {
        if (i % 3 === 2) checkEqual(one.value(value.id), null, 'A deleted document ends as a tombstone.')
        else
          checkHolds(
            one.value(value.id),
            i % 3 === 1 ? { ...value, title: `edited ${i}` } : value,
            'Leave out only the value of a revision that the asking replica made itself, never by who made an earlier one.',
          )
      }
    },
  },
  {
    id: 'own-never-at-null',
    title: 'from the beginning, own values are never left out',
    async run(t) {
      const one = await t.client()
      const value = { id: t.make.uuid(), title: 'x' }
      await one.apply({ value })
      const again = await t.client({ replica: one.replica })
      const changes = await again.pullAll()
      check(
        changes.every(({ own }) => own === undefined),
        'A client that starts over (after a lost store) has no value to fill in: with a null checkpoint, send every value.',
      )
      checkHolds(again.value(value.id), value, 'The value must be there.')
    },
  },
  {
    id: 'own-tombstone',
    title: 'an own tombstone is a tombstone, not a left-out value',
    async run(t) {
      const one = await t.client()
      await one.pullAll()
      const value = { id: t.make.uuid(), title: 'x' }
      const base = await one.apply({ value })
      await one.apply({ documentId: value.id, base })
      const change = (await one.pullAll()).find(({ id }) => id === value.id)
      check(
        change === undefined || change.own === undefined,
        '`own` says that a value was left out: a tombstone has none.',
      )
      check(one.value(value.id) === null, 'An own delete must come back as a tombstone.')
    },
  },
]
