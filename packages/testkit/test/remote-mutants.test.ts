import type { RemoteStore } from '@holdfast/core'
import { createMemoryServer, memoryRemote } from '@holdfast/core/memory'
import { remoteStoreCases } from '@holdfast/testkit'
import { test } from 'vitest'
import { expectCaught, type Mutant } from './mutants/mutant.ts'
import * as feed from './mutants/remote-feed.ts'
import * as push from './mutants/remote-push.ts'

/** The whole suite, with every lever, on a memory remote with the fault. */
function casesOf({ mutate }: Mutant<RemoteStore>) {
  const server = createMemoryServer()
  return remoteStoreCases({
    async open({ space }) {
      const remote = memoryRemote({ server, space })
      return { ...remote, ...mutate(remote) }
    },
    foreign: {
      write: async (space, collection, value) => void server.write(collection, value, { space }),
      delete: async (space, collection, id) => void server.delete(collection, id, { space }),
    },
    endEpoch: async () => server.restore(server.backup()),
  })
}

test.each([...push.likely, ...push.contrary, ...feed.likely, ...feed.contrary])(
  '$caughtBy catches a remote that $fault',
  (mutant) => expectCaught(mutant, casesOf(mutant)),
)
