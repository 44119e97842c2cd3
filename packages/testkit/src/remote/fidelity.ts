import { canonicalJson, type Document, type JsonObject } from '@holdfast/core'
import { check, checkEqual } from '../suite/check.ts'
import { deepFreeze } from '../suite/freeze.ts'
import { checkHolds } from './expectations.ts'
import type { RemoteCase, RemoteTest } from './remote-case.ts'

/** Pushes the document, pulls it by another client, and demands that it came back as it was. */
async function roundTrip(t: RemoteTest, fields: JsonObject, advice: string): Promise<void> {
  const [writer, reader] = [await t.client(), await t.client()]
  const value: Document = { ...fields, id: t.make.uuid() }
  await writer.apply({ value })
  await reader.pullAll()
  checkHolds(reader.value(value.id), value, advice)
}

export const fidelityCases: readonly RemoteCase[] = [
  {
    id: 'text',
    title: 'text comes back as it was: empty, escapes, every plane, both normal forms',
    async run(t) {
      const texts = [
        '',
        ' ',
        '\n\r\t',
        '"\\/\'',
        '\u0001\u001f\u007f',
        '\u2028\u2029',
        '\ufeffbom',
        'é',
        'e\u0301',
        '中文',
        '😀👩‍👩‍👧',
        '\uffff',
        'null',
        '<b>&amp;',
        "'; drop table notes; --",
        '$1 %s {0}',
      ]
      await roundTrip(
        t,
        { title: texts.join(' | '), tags: texts, meta: { texts } },
        'Store text unchanged: no trimming, normalising or unescaping.',
      )
    },
  },
  {
    id: 'nul-in-text',
    title: 'text with U+0000 is carried or rejected, and spares the rest of the push',
    async run(t) {
      const client = await t.client()
      const [bad, good] = t.make.documents(2)
      if (!bad || !good) return
      const value = { ...bad, title: 'a\u0000b' }
      const [outcome, other] = await client.push(client.mutation({ value }), client.mutation({ value: good }))
      check(
        outcome?.kind === 'applied' || outcome?.kind === 'rejected',
        'U+0000 is legal JSON: carry it, or reject the document by name before it is sent.',
      )
      checkEqual(
        other?.kind,
        'applied',
        'One document that the database cannot take must not fail the others.',
      )
      await client.pullAll()
      if (outcome.kind === 'applied')
        checkHolds(client.value(value.id), value, 'Text must not be cut at U+0000.')
    },
  },
  {
    id: 'numbers',
    title: 'numbers come back as the same doubles',
    async run(t) {
      const numbers = [
        0,
        1,
        -1,
        0.1,
        -2.5,
        1e-7,
        1e21,
        123456789.12345679,
        0.30000000000000004,
        Number.MAX_SAFE_INTEGER,
        Number.MIN_SAFE_INTEGER,
        1.7976931348623157e308,
        2.2250738585072014e-308,
      ]
      await roundTrip(
        t,
        { count: 0.1, meta: { numbers } },
        'A JSON number is a double: no decimal rounding, no integers cut to 32 bits.',
      )
    },
  },
  {
    id: 'deep-nesting',
    title: 'a value nested thirty levels deep comes back',
    async run(t) {
      let deep: JsonObject = { end: true }
      for (let level = 0; level < 30; level++) deep = level % 2 ? { deep } : { list: [deep] }
      await roundTrip(t, { meta: deep }, 'Nesting is part of the value.')
    },
  },
  {
    id: 'empties',
    title: 'empty objects, lists, texts, false, zero and null inside a value are kept',
    async run(t) {
      await roundTrip(
        t,
        {
          title: '',
          count: 0,
          done: false,
          tags: [],
          meta: { object: {}, list: [], text: '', no: false, zero: 0, nothing: null, nested: [null, {}, []] },
        },
        'Empty is not absent: do not strip nulls or empties.',
      )
    },
  },
  {
    id: 'odd-keys',
    title: 'object keys of any text are kept',
    async run(t) {
      const keys = [
        '',
        ' ',
        'a.b',
        'a/b',
        '$set',
        '#name',
        ':value',
        '0',
        '-1',
        'size',
        'toString',
        'length',
        'ключ',
        '😀',
        '"',
      ]
      await roundTrip(
        t,
        { meta: Object.fromEntries(keys.map((key, i) => [key, i])) },
        'A key inside a value is text, not a path or an expression.',
      )
    },
  },
  {
    id: 'key-order',
    title: 'a document with its keys in another order is the same document',
    async run(t) {
      const client = await t.client()
      const id = t.make.uuid()
      const base = await client.apply({ value: { id, title: 'x', meta: { a: 1, b: { c: 2, d: 3 } } } })
      const [outcome] = await client.push(
        client.mutation({ value: { meta: { b: { d: 3, c: 2 }, a: 1 }, title: 'x', id }, base }),
      )
      check(
        outcome?.kind === 'applied',
        `Key order carries no meaning, and an update that changes nothing else is applied. Received: ${JSON.stringify(outcome)}`,
      )
      const { value } = outcome
      check(
        value === undefined ||
          value === null ||
          canonicalJson(value.meta ?? null) === canonicalJson({ a: 1, b: { c: 2, d: 3 } }),
        'A value in the answer holds what was sent.',
      )
    },
  },
  {
    id: 'id-fidelity',
    title: 'document ids of unusual text are kept apart, or rejected',
    async run(t) {
      const [client, reader] = [await t.client(), await t.client()]
      const tag = t.make.hex(8)
      const values = ['a b', 'A', 'a', 'a/b', 'a#b', "o'neil", 'é', 'e\u0301', '😀', '%2F', '..'].map(
        (text) => ({ id: `${text}-${tag}`, title: text }),
      )
      const outcomes = await client.push(...values.map((value) => client.mutation({ value })))
      await reader.pullAll({ limit: 3 })
      for (const [i, value] of values.entries()) {
        const kind = outcomes[i]?.kind
        check(
          kind === 'applied' || kind === 'rejected',
          `An id is applied or rejected, and fails no other. Received ${kind} for an id that begins with "${value.title}".`,
        )
        if (kind === 'applied')
          checkHolds(reader.value(value.id), value, 'An id comes back exactly as it was sent.')
        else check(reader.value(value.id) === undefined, 'A rejected document must not be there.')
      }
    },
  },
  {
    id: 'forbidden-keys',
    title: 'a key that could reach a prototype does no harm',
    async run(t) {
      const client = await t.client()
      const value = JSON.parse(
        `{"id":"${t.make.uuid()}","title":"x","meta":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}`,
      ) as Document
      const [outcome] = await client.push(client.mutation({ value }))
      check(
        outcome?.kind === 'applied' || outcome?.kind === 'rejected',
        'Such a document is rejected, or stored as plain keys.',
      )
      await client.pullAll()
      check(
        !('polluted' in {}),
        'A key of a remote document changed Object.prototype: build objects with JSON.parse, never by assigning keys.',
      )
    },
  },
  {
    id: 'frozen-inputs',
    title: 'what is pushed is not changed, frozen mutations are taken',
    async run(t) {
      const client = await t.client()
      const value = { id: t.make.uuid(), title: 'x', tags: ['b', 'a'], meta: { z: 1, a: [{ k: 1 }] } }
      const mutation = client.mutation({ value })
      const before = canonicalJson(JSON.parse(JSON.stringify(mutation)))
      const [outcome] = await client.pushOnce(deepFreeze([mutation]))
      checkEqual(outcome?.kind, 'applied', 'A frozen mutation is taken.')
      checkEqual(
        canonicalJson(JSON.parse(JSON.stringify(mutation))),
        before,
        'Do not write into what was passed.',
      )
    },
  },
]
