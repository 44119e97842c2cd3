import type { PullPage, PullRequest, RemoteChange, RemoteStore } from '@holdfast/core'
import type { Mutant } from './mutant.ts'

export type Mutate = Mutant<RemoteStore>['mutate']

export const onPage =
  (change: (page: PullPage, request: PullRequest) => PullPage): Mutate =>
  (remote) => ({ pull: async (request) => change(await remote.pull(request), request) })

/** A feed of one's own over all that stands, whose checkpoints are made by `next`. */
export const onWhole =
  (read: (all: readonly RemoteChange[], request: PullRequest) => Omit<PullPage, 'origin'>): Mutate =>
  (remote) => ({
    async pull(request) {
      const fromStart = Object.fromEntries(Object.keys(request.checkpoints).map((name) => [name, null]))
      const whole = await remote.pull({ ...request, checkpoints: fromStart, limit: 1_000_000 })
      return { ...read(whole.changes, request), origin: whole.origin }
    },
  })

export const sameFor = (request: PullRequest, checkpoint: string) =>
  Object.fromEntries(Object.keys(request.checkpoints).map((name) => [name, checkpoint]))
