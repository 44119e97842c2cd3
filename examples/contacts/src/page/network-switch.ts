import { HoldfastError, type RemoteStore, type Runtime, type Signal, systemRuntime } from '@holdfast/core'

/**
 * A network that can be switched off by hand, for all tabs of this browser, and stays off over a
 * reload. Reads and writes of the application know nothing of it.
 */
export interface NetworkSwitch extends Signal {
  set(isOnline: boolean): void
}

const OFFLINE = 'contacts.offline'

export function createNetworkSwitch(): NetworkSwitch {
  const { connectivity } = systemRuntime()
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  connectivity.subscribe(tell)
  addEventListener('storage', ({ key }) => {
    if (key === OFFLINE) tell()
  })
  return {
    get: () => connectivity.get() && localStorage.getItem(OFFLINE) === null,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(isOnline) {
      if (isOnline) localStorage.removeItem(OFFLINE)
      else localStorage.setItem(OFFLINE, 'true')
      tell()
    },
  }
}

/** The tab's runtime, which takes its connectivity from the switch. */
export function runtimeOn(network: NetworkSwitch): Runtime {
  return { ...systemRuntime(), connectivity: network }
}

/** A remote that is out of reach while the network is off. */
export function remoteBehind(network: NetworkSwitch, remote: RemoteStore): RemoteStore {
  const reached = () => {
    if (!network.get()) {
      throw new HoldfastError(
        'network',
        'The network is switched off. Everything is kept here; switch it on again to sync.',
        { retryable: true },
      )
    }
    return remote
  }
  return {
    ...remote,
    pull: async (request) => reached().pull(request),
    push: async (request) => reached().push(request),
  }
}
