import { localStoreCases, localStoreCasesLeftOut, runSuite } from '@holdfast/testkit'
import { describe, test } from 'vitest'
import { harnessOf } from './conformance-harness.ts'
import { STORES } from './stores.ts'

describe.each(STORES)('$title', ({ title, make }) => {
  const harness = harnessOf(make)
  runSuite(localStoreCases(harness), { runner: { test } })

  test('facts for the report', ({ task }) => {
    const { capabilities } = make()
    Object.assign(task.meta, {
      conformance: {
        title: `\`${title}\``,
        on: `Chromium ${/Chrome\/(\d+)/.exec(navigator.userAgent)?.[1]}`,
        leftOut: localStoreCasesLeftOut(harness),
        capabilities: { ...capabilities, estimate: capabilities.estimate !== undefined },
      },
    })
  })
})
