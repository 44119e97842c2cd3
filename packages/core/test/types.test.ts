import { expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import {
  type Collection,
  collection,
  type Holdfast,
  type JsonValue,
  type LiveQuery,
  newestWins,
  type Transaction,
  threeWay,
} from '../src/index.ts'

/*
 * What the compiler says to an application. Nothing here runs: `npm test` compiles the workspace
 * (test/compile.test.ts), and a `@ts-expect-error` above a line without an error is an error.
 */

const contactSchema = z.object({
  name: z.string(),
  phone: z.string().optional(),
  age: z.number().nullable(),
  tags: z.array(z.string()),
  kind: z.enum(['person', 'firm']),
  address: z.object({ city: z.string() }).optional(),
})

interface Note {
  readonly id: string
  readonly text: string
  readonly stars?: number
}

type Shape =
  | { readonly id: string; readonly kind: 'circle'; readonly radius: number }
  | { readonly id: string; readonly kind: 'square'; readonly side: number }

const collections = {
  contacts: collection({
    schema: contactSchema,
    conflict: threeWay(newestWins()),
    indexes: ['name', 'tags', 'address.city'],
  }),
  notes: collection<Note>({ indexes: ['stars'] }),
  shapes: collection<Shape>(),
  tasks: collection({ schema: z.object({ title: z.string(), done: z.boolean().default(false) }) }),
  loose: collection(),
}

declare const ada: {
  id: string
  name: string
  age: number
  tags: string[]
  kind: 'person'
}

type Contact = { id: string } & z.output<typeof contactSchema>
type Db = Holdfast<typeof collections>

/** Stands for code of an application; it is compiled and never called. */
const compiled = (_application: (db: Db) => Promise<unknown>) => {}

test('documents have the type of their schema, with an id, or of the type parameter', () => {
  compiled(async (db) => {
    const contact = await db.contacts.insert({ name: 'Ada', age: null, tags: ['vip'], kind: 'person' })
    expectTypeOf(contact.id).toEqualTypeOf<string>()
    expectTypeOf(contact.age).toEqualTypeOf<number | null>()
    expectTypeOf(contact.phone).toEqualTypeOf<string | undefined>()
    expectTypeOf(contact.kind).toEqualTypeOf<'person' | 'firm'>()
    expectTypeOf(contact).toExtend<Contact>()
    expectTypeOf(await db.contacts.get('1')).toEqualTypeOf<typeof contact | undefined>()
    expectTypeOf(await db.notes.find()).toEqualTypeOf<Note[]>()
    expectTypeOf(await db.notes.insertMany([{ text: 'a' }])).toEqualTypeOf<Note[]>()
    expectTypeOf(db.notes.live()).toEqualTypeOf<LiveQuery<Note>>()
    expectTypeOf(db.notes.live().getSnapshot()).toEqualTypeOf<readonly Note[]>()
    expectTypeOf(db.collection('notes')).toEqualTypeOf<Collection<Note>>()
    expectTypeOf((await db.loose.get('1'))?.anything).toEqualTypeOf<JsonValue | undefined>()
    expectTypeOf(await db.notes.delete('1')).toEqualTypeOf<boolean>()
  })
})

test('right writes and questions compile', () => {
  compiled(async (db) => {
    await db.contacts.insert({ id: 'a', name: 'Ada', age: 36, tags: [], kind: 'firm', phone: '1' })
    await db.contacts.update('a', { phone: '2', age: null }, { unset: ['address'], durability: 'relaxed' })
    await db.contacts.put({ id: 'a', name: 'Ada', age: 1, tags: [], kind: 'firm', address: { city: 'Oslo' } })
    await db.contacts.find({
      where: { tags: { has: 'vip' }, age: { gte: 18 }, 'address.city': 'Oslo', kind: { in: ['person'] } },
      orderBy: { name: 'asc' },
      limit: 50,
    })
    const { id: _id, ...copied } = (await db.contacts.find())[0] ?? (await db.contacts.put(ada))
    await db.contacts.insert({ ...copied, name: 'Bob' })
    await db.shapes.insert({ kind: 'circle', radius: 1 })
    await db.shapes.update('s', { side: 2 })
    const task = await db.tasks.insert({ title: 'what the schema fills in may be left out' })
    expectTypeOf(task.done).toEqualTypeOf<boolean>()
    await db.tasks.put({ id: 't', title: 'also in a whole document' })
    await db.transact(async (tx) => tx.tasks.insert({ title: 'and in a group' }))
    await db.loose.insert({ anything: { at: ['all'] } })
    await db.notes.update('n', {}, { unset: ['stars'] })
    await db.loose.update('l', {}, { unset: ['anything'] })
    await db.loose.find({ where: { anything: { exists: true } } })
    await db.transact(async (tx) => {
      const note = await tx.notes.insert({ text: 'in a group' })
      expectTypeOf(note).toEqualTypeOf<Note>()
      expectTypeOf(tx.notes.get(note.id)).toEqualTypeOf<Promise<Note | undefined>>()
      await tx.contacts.update('a', { name: 'B' })
    })
    expectTypeOf(await db.transact(async () => 1)).toEqualTypeOf<number>()
  })
})

test('wrong fields and values in writes do not compile', () => {
  compiled(async (db) => {
    // @ts-expect-error a field is missing
    await db.contacts.insert({ name: 'Ada', age: 1, tags: [] })
    // @ts-expect-error no such field
    await db.notes.insert({ text: 'a', txet: 'b' })
    // @ts-expect-error a number where text is
    await db.notes.insert({ text: 1 })
    // @ts-expect-error an id is text
    await db.notes.insert({ id: 1, text: 'a' })
    // @ts-expect-error undefined is no JSON value: leave the field out
    await db.notes.insert({ text: 'a', stars: undefined })
    // @ts-expect-error also where the schema's own type has it
    await db.contacts.insert({ name: 'Ada', age: 1, tags: [], kind: 'firm', phone: undefined })
    // @ts-expect-error not one of the values
    await db.contacts.insert({ name: 'Ada', age: 1, tags: [], kind: 'robot' })
    // @ts-expect-error what the schema does not fill in may not
    await db.tasks.insert({ done: true })
    // @ts-expect-error text for a boolean
    await db.tasks.insert({ title: 'a', done: 'no' })
    // @ts-expect-error a field of another member of the union
    await db.shapes.insert({ kind: 'circle', side: 1 })
    // @ts-expect-error one of many is wrong
    await db.notes.insertMany([{ text: 'a' }, { text: 2 }])
    // @ts-expect-error no such field
    await db.notes.update('1', { txet: 'b' })
    // @ts-expect-error a number where text is
    await db.notes.update('1', { text: 1 })
    // @ts-expect-error fields are removed by `unset`
    await db.notes.update('1', { stars: undefined })
    // @ts-expect-error a field that a document must have cannot be removed
    await db.notes.update('1', {}, { unset: ['text'] })
    // @ts-expect-error an id cannot be removed
    await db.notes.update('1', {}, { unset: ['id'] })
    // @ts-expect-error in a group neither
    await db.transact(async (tx) => tx.notes.update('1', {}, { unset: ['text'] }))
    // @ts-expect-error an id never changes
    await db.notes.update('1', { id: '2' })
    // @ts-expect-error put takes the whole document
    await db.notes.put({ text: 'a' })
    // @ts-expect-error a number where text is
    await db.notes.put({ id: '1', text: 1 })
    // @ts-expect-error a date is no JSON value
    await db.loose.insert({ at: new Date() })
    // @ts-expect-error no such durability
    await db.notes.insert({ text: 'a' }, { durability: 'eventual' })
    // @ts-expect-error an id is text
    await db.notes.delete(1)
    // @ts-expect-error undefined, in a whole document
    await db.contacts.put({ id: '1', name: 'Ada', age: 1, tags: [], kind: 'firm', phone: undefined })
  })
})

test('wrong fields, operators and operands in questions do not compile', () => {
  compiled(async (db) => {
    // @ts-expect-error no such field
    await db.contacts.find({ where: { nmae: 'Ada' } })
    // @ts-expect-error no such nested field
    await db.contacts.find({ where: { 'address.town': 'Oslo' } })
    // @ts-expect-error no such operator
    await db.contacts.find({ where: { age: { above: 1 } } })
    // @ts-expect-error text for a number
    await db.contacts.find({ where: { age: { gte: '18' } } })
    // @ts-expect-error the list holds text
    await db.contacts.find({ where: { tags: { has: 1 } } })
    // @ts-expect-error no such direction
    await db.contacts.find({ orderBy: { name: 'up' } })
    // @ts-expect-error no such part of a query
    await db.contacts.find({ filter: { name: 'Ada' } })
    // @ts-expect-error no such field
    db.notes.live({ where: { txet: 'a' } })
    // @ts-expect-error text for a number
    db.notes.live({ where: { stars: 'five' } })
  })
})

test('unknown collections do not compile', () => {
  compiled(async (db) => {
    // @ts-expect-error no such collection
    await db.people.find()
    // @ts-expect-error no such collection
    db.collection('people')
    // @ts-expect-error no such collection
    await db.transact(async (tx) => tx.people.insert({ name: 'Ada' }))
    // @ts-expect-error a group has no questions
    await db.transact(async (tx) => tx.notes.find())
    // @ts-expect-error wrong in a group as outside
    await db.transact(async (tx) => tx.notes.insert({ text: 1 }))
    // @ts-expect-error wrong in a group as outside
    await db.transact(async (tx) => tx.notes.update('1', { txet: 'b' }))
  })
  expectTypeOf<keyof Transaction<typeof collections>>().toEqualTypeOf<keyof typeof collections>()
})

test('options are held against the document type', () => {
  // @ts-expect-error no such field to index
  collection<Note>({ indexes: ['txet'] })
  // @ts-expect-error no such field to index
  collection({ schema: contactSchema, indexes: ['nmae'] })
  // @ts-expect-error no such rule
  collection<Note>({ deletes: 'never' })
  // @ts-expect-error a strategy is an object with `resolve`
  collection<Note>({ conflict: 'newest' })
  // @ts-expect-error a document type has a text id
  collection<{ readonly id: number }>()
})
