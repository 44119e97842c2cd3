import { createMemoryServer, memoryRemote } from '@holdfast/core/memory'
import { type RemoteHarness, remoteStoreCases, runSuite } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'

function harnessOf(turns: number): RemoteHarness {
  const server = createMemoryServer()
  const latency = async () => {
    for (let i = 0; i < turns; i++) await undefined
  }
  return {
    open: async ({ space }) => memoryRemote({ server, space, latency }),
    foreign: {
      write: async (space, collection, value) => void server.write(collection, value, { space }),
      delete: async (space, collection, id) => void server.delete(collection, id, { space }),
    },
    endEpoch: async () => server.restore(server.backup()),
  }
}

describe('memory remote', () => runSuite(remoteStoreCases(harnessOf(0)), { runner: { test } }))
describe('memory remote, slow', () => runSuite(remoteStoreCases(harnessOf(9)), { runner: { test } }))

test('cases that need foreign writes or epochs are left out where the harness has none', () => {
  const { open } = harnessOf(0)
  expect(remoteStoreCases(harnessOf(0)).length - remoteStoreCases({ open }).length).toBe(8)
})

test('without any optional member of the harness there are at least eighty cases', () => {
  const { open } = harnessOf(0)
  expect(remoteStoreCases({ open }).length).toBeGreaterThanOrEqual(80)
})
