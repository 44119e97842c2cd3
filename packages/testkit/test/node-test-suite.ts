import process from 'node:process'
import { test } from 'node:test'
import { createMemoryServer, memoryRemote } from '@holdfast/core/memory'
import { remoteStoreCases, runSuite } from '@holdfast/testkit'

const server = createMemoryServer()
const cases = remoteStoreCases({
  capabilities: memoryRemote({ server }).capabilities,
  open: async ({ space }) => memoryRemote({ server, space }),
})

/* `stale` declares a gap that is none: the run must fail. */
const knownGaps = process.argv.includes('stale') ? { 'empty-push': 'declared to see it fail' } : {}
runSuite(cases, { runner: { test }, knownGaps })
