import type { RemoteStore } from '@holdfast/core'
import { createMemoryServer, memoryRemote } from '@holdfast/core/memory'
import { remoteStoreCases } from '@holdfast/testkit'
import { test } from 'vitest'
import { expectCaught, type Mutant } from './mutants/mutant.ts'
import * as feed from './mutants/remote-feed.ts'
import { likely as likelyFeeds } from './mutants/remote-feed-likely.ts'
import * as push from './mutants/remote-push.ts'
import { likely as likelyPushes } from './mutants/remote-push-likely.ts'

/** The whole suite, with every lever, on a memory remote with the fault. */
function casesOf({ mutate }: Mutant<RemoteStore>) {
  const server = createMemoryServer()
  const broken = (space: string): RemoteStore => {
    const remote = memoryRemote({ server, space })
    return { ...remote, ...mutate(remote) }
  }
  return remoteStoreCases({
    capabilities: broken('any').capabilities,
    open: async ({ space }) => broken(space),
    foreign: {
      write: async (space, collection, value) => void server.write(collection, value, { space }),
      delete: async (space, collection, id) => void server.delete(collection, id, { space }),
    },
    endEpoch: async () => server.restore(server.backup()),
  })
}

test.each([...likelyPushes, ...push.contrary, ...likelyFeeds, ...feed.contrary])(
  '$caughtBy catches a remote that $fault',
  (mutant) => expectCaught(mutant, casesOf(mutant)),
)
