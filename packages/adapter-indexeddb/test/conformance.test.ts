import 'fake-indexeddb/auto'
import { localStoreCases, runSuite } from '@holdfast/testkit'
import { describe, test } from 'vitest'
import { dexieStore } from '../src/dexie.ts'
import { indexedDb } from '../src/index.ts'
import { harnessOf } from './conformance-harness.ts'

/** Fast, and no proof: what counts is the same suite in a browser. */
describe.each([
  { title: 'indexedDb', make: indexedDb },
  { title: 'dexieStore', make: dexieStore },
])('$title on an IndexedDB in memory', ({ make }) => {
  runSuite(localStoreCases(harnessOf(make)), { runner: { test } })
})
