import { remoteStoreCases, runSuite } from '@holdfast/testkit'
import { test } from 'vitest'
import { behindTheModel, harnessOf } from './harness.ts'
import { TORN } from './shim/levers.ts'

/*
 * The suite once more, behind the model of what AWS permits, with bootstraps that scan the documents:
 * its spaces are so young that otherwise all of them replay the log. And of several reasons why a
 * transaction was cancelled never more than one is told.
 */
const client = behindTheModel({ seed: 2, levers: { ...TORN, hideReasons: 1 } })
runSuite(remoteStoreCases(harnessOf(client, { replay: false })), { runner: { test } })
