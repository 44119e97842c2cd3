import type { RemoteCapabilities, RemoteStore } from '@holdfast/core'
import { createMemoryServer, memoryRemote } from '@holdfast/core/memory'
import {
  type RemoteClientOptions,
  type RemoteHarness,
  remoteStoreCases,
  remoteStoreCasesLeftOut,
  runSuite,
} from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'

function harnessOf(turns: number): RemoteHarness {
  const server = createMemoryServer()
  const latency = async () => {
    for (let i = 0; i < turns; i++) await undefined
  }
  return {
    capabilities: memoryRemote({ server }).capabilities,
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

const whole = harnessOf(0)
const bare: RemoteHarness = { capabilities: whole.capabilities, open: whole.open }

test('what is left out is known, with the reason, and nothing is in both lists', () => {
  const leftOut = remoteStoreCasesLeftOut(bare)
  expect(Object.fromEntries(leftOut.map(({ id, unmet }) => [id, unmet]))).toMatchObject({
    'foreign-insert': ['foreign'],
    'new-epoch': ['endEpoch'],
    'poke-undeclared': ['no pokes'],
    'group-undeclared': ['no atomicGroups'],
  })
  const run = new Set(remoteStoreCases(bare).map(({ id }) => id))
  expect(leftOut.filter(({ id }) => run.has(id))).toEqual([])
})

/** The least and the most that a remote can declare. */
const ends: RemoteCapabilities[] = [
  { maxBatch: 1, maxBatchBytes: 1 << 20, maxDocumentBytes: 1 << 16, atomicGroups: 0, pokes: false },
  { maxBatch: 1_000, maxBatchBytes: 1 << 30, maxDocumentBytes: 1 << 30, atomicGroups: 1_000, pokes: true },
]

test('whatever a remote declares, without any optional member of the harness eighty cases run', () => {
  for (const capabilities of ends)
    expect(remoteStoreCases({ ...bare, capabilities }).length).toBeGreaterThanOrEqual(80)
})

test('each capability has a case with it and a case without it', () => {
  const requirements = ends.flatMap((capabilities) =>
    remoteStoreCases({ ...whole, capabilities }).flatMap(({ requires }) => requires),
  )
  for (const name of [
    'pokes',
    'batches',
    'atomicGroups',
    'reachable maxDocumentBytes',
    'reachable maxBatchBytes',
  ])
    expect(requirements).toEqual(expect.arrayContaining([name, `no ${name}`]))
})

describe('a remote that declares the least', () => {
  const server = createMemoryServer({ maxDocumentBytes: 1 << 16, maxBatch: 1 })
  const open = async ({ space = 'any' }) => {
    const { subscribe: _, ...remote } = memoryRemote({ server, space })
    return { ...remote, capabilities: { ...remote.capabilities, atomicGroups: 0, pokes: false } }
  }
  const { capabilities } = memoryRemote({ server })
  runSuite(remoteStoreCases({ open, capabilities: { ...capabilities, atomicGroups: 0, pokes: false } }), {
    runner: { test },
  })
})

describe('a remote that leaves out of a page what has not moved', () => {
  const { open, ...harness } = harnessOf(0)
  const terse = async (options: RemoteClientOptions): Promise<RemoteStore> => {
    const remote = await open(options)
    return {
      ...remote,
      async pull(request) {
        const { reset = [], ...page } = await remote.pull(request)
        const moved = new Set(page.changes.map(({ collection }) => collection))
        return {
          ...page,
          checkpoints: Object.fromEntries(
            Object.entries(page.checkpoints).filter(([name]) => moved.has(name)),
          ),
          reset: reset.filter((name) => request.checkpoints[name] !== null),
        }
      },
    }
  }
  runSuite(remoteStoreCases({ ...harness, open: terse }), { runner: { test } })
})
