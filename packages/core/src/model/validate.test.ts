import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { freezeJson } from './freeze.ts'
import { MAX_DEPTH } from './json-walk.ts'
import { utf8Length } from './text-size.ts'
import { checkDocument, checkId, checkPatch, checkRemoteValue, checkSize } from './validate.ts'

const limits = { collection: 'contacts', maxBytes: 10_000 }

function errorOf(run: () => unknown): HoldfastError {
  try {
    run()
  } catch (error) {
    if (error instanceof HoldfastError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Checks a document whose field `at.deep` holds `value`, by both ways in. */
function faultsOf(value: unknown): HoldfastError[] {
  const document = { id: 'a', at: { deep: value } }
  return [
    errorOf(() => checkDocument(document, limits)),
    errorOf(() => checkRemoteValue(document, 'a', limits)),
  ]
}

class Point {
  x = 1
}
const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic
const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) })

describe('what JSON cannot hold is refused with its path and its kind', () => {
  test.each([
    ['undefined', undefined, 'undefined'],
    ['NaN', Number.NaN, 'NaN'],
    ['Infinity', Number.POSITIVE_INFINITY, 'Infinity'],
    ['a date', new Date(0), 'Date'],
    ['a big integer', 1n, 'bigint'],
    ['a function', () => 1, 'function'],
    ['a symbol', Symbol('s'), 'symbol'],
    ['an instance of a class', new Point(), 'Point'],
    ['a map', new Map(), 'Map'],
    ['a symbol key', { [Symbol('s')]: 1 }, 'symbol key'],
    ['a lone surrogate', 'a\ud800', 'lone surrogate'],
    ['a lone surrogate in a key', { '\udc00': 1 }, 'lone surrogate in a key'],
    ['a subclass of Array', new (class List extends Array {})(), 'List'],
  ])('%s', (_title, value, found) => {
    for (const error of faultsOf(value)) {
      expect(error.code).toBe('invalid_value')
      expect(error.details.found).toBe(found)
      expect((error.details.path as string[]).slice(0, 2)).toEqual(['at', 'deep'])
      expect(error.message).toContain('at.deep')
    }
  })

  test('a hole and an undefined item in an array', () => {
    const sparse = [1, 2]
    sparse[3] = 4
    for (const error of faultsOf(sparse)) {
      expect(error.details).toMatchObject({ path: ['at', 'deep', '2'], found: 'hole' })
    }
    for (const error of faultsOf([undefined])) expect(error.details.found).toBe('undefined')
  })

  test('a cycle, named where it leads back', () => {
    for (const error of faultsOf(cyclic)) {
      expect(error.code).toBe('invalid_value')
      expect(error.details).toMatchObject({ path: ['at', 'deep', 'self'], found: 'cycle' })
    }
  })

  test('a property that cannot be read', () => {
    const hostile = {
      get field() {
        throw new Error('secret')
      },
    }
    for (const error of faultsOf(hostile)) {
      expect(error.code).toBe('invalid_value')
      expect(error.message).not.toContain('secret')
    }
  })
})

test('what a page has added to Object.prototype is no part of a document', () => {
  const polluted = Object.prototype as Record<string, unknown>
  polluted.helper = () => {}
  try {
    expect(Object.entries(checkDocument({ id: 'a', at: { x: 1 } }, limits))).toEqual([
      ['id', 'a'],
      ['at', { x: 1 }],
    ])
    checkRemoteValue({ id: 'a', at: { x: 1 } }, 'a', limits)
  } finally {
    delete polluted.helper
  }
})

test.each(['__proto__', 'constructor', 'prototype'])('the key %s is refused at any level', (key) => {
  const document = JSON.parse(`{"id":"a","list":[{"${key}":{"x":1}}]}`)
  for (const error of [
    errorOf(() => checkDocument(document, limits)),
    errorOf(() => checkPatch(document, { ...limits, id: 'a' })),
    errorOf(() => checkRemoteValue(document, 'a', limits)),
  ]) {
    expect(error.code).toBe('forbidden_key')
    expect(error.details.path).toEqual(['list', '0', key])
  }
})

test.each([[null], [[]], ['text'], [1], [undefined], [new Point()], [new Date()]])(
  'what is not a plain object is no document: %s',
  (value) => {
    expect(errorOf(() => checkDocument(value, limits)).code).toBe('invalid_document')
    expect(errorOf(() => checkPatch(value, { ...limits, id: 'a' })).code).toBe('invalid_document')
    expect(errorOf(() => checkRemoteValue(value, 'a', limits)).code).toBe('invalid_document')
  },
)

test('depth is allowed up to the limit and no further', () => {
  // The document is one level, the innermost value none.
  expect(() => checkDocument({ id: 'a', in: nested(MAX_DEPTH - 1) }, limits)).not.toThrow()
  const error = errorOf(() => checkDocument({ id: 'a', in: nested(MAX_DEPTH) }, limits))
  expect(error.code).toBe('invalid_value')
  expect(error.details.found).toBe('too deep')
})

describe('ids', () => {
  test.each([
    ['missing', {}],
    ['null', { id: null }],
    ['a number', { id: 1 }],
    ['empty', { id: '' }],
    ['too long', { id: 'x'.repeat(513) }],
    ['too long in bytes only', { id: 'ø'.repeat(257) }],
    ['with a line feed', { id: 'a\nb' }],
    ['with NUL', { id: 'a\u0000' }],
    ['with a C1 control', { id: 'a\u0085' }],
  ])('%s is refused', (_title, document) => {
    expect(errorOf(() => checkDocument(document, limits)).code).toBe('invalid_id')
  })

  test('512 bytes pass, also as pairs of surrogates', () => {
    for (const id of ['x'.repeat(512), 'ø'.repeat(256), '😀'.repeat(128), 'a b/c:d']) {
      expect(() => checkId(id, limits)).not.toThrow()
    }
    expect(errorOf(() => checkId('\ud83d', limits)).code).toBe('invalid_id')
    expect(errorOf(() => checkId(`${'😀'.repeat(128)}x`, limits)).code).toBe('invalid_id')
  })

  test('a patch may repeat the id, not change it', () => {
    expect(checkPatch({ id: 'a', name: 'Ada' }, { ...limits, id: 'a' })).toEqual({ name: 'Ada' })
    expect(checkPatch({}, { ...limits, id: 'a' })).toEqual({})
    expect(errorOf(() => checkPatch({ id: 'b' }, { ...limits, id: 'a' })).code).toBe('invalid_id')
  })

  test('a remote value must carry the id that it was sent under', () => {
    expect(errorOf(() => checkRemoteValue({ id: 'b' }, 'a', limits)).code).toBe('invalid_id')
  })
})

describe('size', () => {
  test('the limit is exact, in bytes of UTF-8 JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'grapheme' }), (value, text) => {
        const document = { id: 'a', value: JSON.parse(JSON.stringify(value)), text }
        fc.pre(!/__proto__|constructor|prototype/.test(JSON.stringify(document)) && text.isWellFormed())
        const bytes = Buffer.byteLength(JSON.stringify(document))
        expect(() => checkDocument(document, { ...limits, maxBytes: bytes })).not.toThrow()
        const error = errorOf(() => checkDocument(document, { ...limits, maxBytes: bytes - 1 }))
        expect(error.code).toBe('document_too_large')
        expect(error.details.limit).toBe(bytes - 1)
        expect(errorOf(() => checkSize(document, { ...limits, maxBytes: bytes - 1 })).code).toBe(
          'document_too_large',
        )
      }),
    )
  })

  test('one object met again and again stops at the limit, not after 2^60 steps', () => {
    let bomb: unknown = [1]
    for (let i = 0; i < 60; i++) bomb = [bomb, bomb]
    expect(faultsOf(bomb).map((error) => error.code)).toEqual(['document_too_large', 'document_too_large'])
  })

  test('utf8Length counts as the encoder does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        expect(utf8Length(a + b)).toBe(new TextEncoder().encode(a + b).length)
      }),
    )
    expect(utf8Length('\ud800x\udc00')).toBe(new TextEncoder().encode('\ud800x\udc00').length)
  })
})

describe('the copy', () => {
  test('equals the document and shares nothing with it, and the document stays as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const document = { ...fields, id: 'a' }
        const text = JSON.stringify(document)
        fc.pre(!/__proto__|constructor|prototype/.test(text) && JSON.parse(text) !== null)
        freeze(document)
        const copy = checkDocument(document, limits)
        expect(JSON.stringify(copy)).toBe(text)
        expectApart(copy, document)
        expectFrozen(copy)
      }),
    )
  })

  test('holds 0 for -0, and the caller keeps his -0', () => {
    const document = { id: 'a', n: -0, list: [-0] }
    const copy = checkDocument(document, limits)
    expect(Object.is(copy.n, 0) && Object.is((copy.list as number[])[0], 0)).toBe(true)
    expect(Object.is(document.n, -0)).toBe(true)
  })

  test('keeps one value of a getter that answers differently each time', () => {
    let calls = 0
    const document = {
      id: 'a',
      get n() {
        calls += 1
        return calls === 1 ? 1 : undefined
      },
    }
    expect(checkDocument(document, limits)).toEqual({ id: 'a', n: 1 })
  })

  test('of an object without a prototype is an ordinary one', () => {
    const bare = Object.assign(Object.create(null), { id: 'a' })
    expect(Object.getPrototypeOf(checkDocument(bare, limits))).toBe(Object.prototype)
  })
})

test('a value that came from elsewhere is frozen through and through, in place', () => {
  const value = JSON.parse('{"id":"a","list":[{"k":[1]}],"at":{"city":null}}')
  expect(freezeJson(value)).toBe(value)
  expectFrozen(value)
})

test('messages hold no contents', () => {
  for (const error of [...faultsOf('hunter2\ud800'), ...faultsOf('hunter2'.repeat(9000))]) {
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2')
  }
})

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const item of Object.values(value)) freeze(item)
  Object.freeze(value)
}

function expectApart(a: unknown, b: unknown): void {
  if (typeof a !== 'object' || a === null) return
  expect(a).not.toBe(b)
  for (const key of Object.keys(a)) {
    expectApart((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
  }
}

function expectFrozen(value: unknown): void {
  expect(Object.isFrozen(value)).toBe(true)
  if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) expectFrozen(item)
}
