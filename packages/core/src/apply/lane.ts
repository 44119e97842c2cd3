import PQueue from 'p-queue'

export type InLane = <T>(task: () => Promise<T>) => Promise<T>

/** One serial lane: results of push and pull are applied one at a time, in the order in which they came. */
export function createLane(): InLane {
  const queue = new PQueue({ concurrency: 1 })
  return async <T>(task: () => Promise<T>) => (await queue.add(task)) as T
}
