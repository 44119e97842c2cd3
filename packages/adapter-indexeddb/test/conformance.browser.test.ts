import { localStoreCases, runSuite } from '@holdfast/testkit'
import { describe, test } from 'vitest'
import { harnessOf } from './conformance-harness.ts'
import { STORES } from './stores.ts'

describe.each(STORES)('$title', ({ make }) => {
  runSuite(localStoreCases(harnessOf(make)), { runner: { test } })
})
