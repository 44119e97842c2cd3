import {
  HoldfastError,
  type PullRequest,
  type PushRequest,
  type RemoteStore,
  type Runtime,
} from '../../src/index.ts'
import type { Random } from './random.ts'

export interface Weather {
  /** Each is a chance between 0 and 1. */
  lostRequest: number
  lostResponse: number
  duplicate: number
  maxDelay: number
}

/** A fake network before a remote: requests and responses are lost, doubled and late, by seed. */
export function throughWeather(
  remote: RemoteStore,
  weather: Weather,
  { runtime, random }: { runtime: Runtime; random: Random },
): RemoteStore {
  const pause = (ms: number) => new Promise<void>((resolve) => runtime.setTimer(ms, resolve))
  const lost = (what: string) =>
    new HoldfastError('network', `${what} was lost. Nothing is lost; it is tried again.`, { retryable: true })
  async function carry<T>(call: () => Promise<T>): Promise<T> {
    await pause(random.below(weather.maxDelay + 1))
    if (random.chance(weather.lostRequest)) throw lost('The request')
    if (random.chance(weather.duplicate))
      pause(random.below(weather.maxDelay * 4 + 1))
        .then(call)
        .catch(() => undefined)
    const result = await call()
    await pause(random.below(weather.maxDelay + 1))
    if (random.chance(weather.lostResponse)) throw lost('The response')
    return result
  }
  return {
    ...remote,
    specVersion: 1,
    name: remote.name,
    capabilities: remote.capabilities,
    pull: (request: PullRequest) =>
      carry(() => remote.pull({ ...request, signal: new AbortController().signal })),
    push: (request: PushRequest) =>
      carry(() => remote.push({ ...request, signal: new AbortController().signal })),
  }
}
