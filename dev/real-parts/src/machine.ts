import { type RemoteStore, type Runtime, systemRuntime } from '@holdfast/core'

let machines = 0

/**
 * What one client runs on, until it is killed: timers that fire no more, locks that nobody else
 * holds, and a network cable. What was under way at the network stays so, as it does when a
 * process dies; its answer reaches nobody who could store it.
 */
export class Machine {
  readonly runtime: Runtime
  #isOn = true
  #isOnline = true
  readonly #listeners = new Set<() => void>()

  constructor() {
    const system = systemRuntime()
    const own = `machine ${++machines}`
    this.runtime = {
      ...system,
      setTimer: (ms, run) => system.setTimer(ms, () => this.#isOn && run()),
      whenIdle: (run) => system.whenIdle(() => this.#isOn && run()),
      connectivity: {
        get: () => this.#isOnline,
        subscribe: (listener) => {
          this.#listeners.add(listener)
          return () => this.#listeners.delete(listener)
        },
      },
      locks: {
        request: (name, options, hold) => system.locks.request(`${own}/${name}`, options, hold),
        isHeld: (name) => system.locks.isHeld(`${own}/${name}`),
      },
      openChannel: (name) => system.openChannel(`${own}/${name}`),
    }
  }

  get isOn(): boolean {
    return this.#isOn
  }

  get isOnline(): boolean {
    return this.#isOnline
  }

  kill(): void {
    this.#isOn = false
  }

  plug(isOnline: boolean): void {
    this.#isOnline = isOnline
    for (const listener of [...this.#listeners]) if (this.#isOn) listener()
  }

  /** The remote as this machine reaches it: a dead one asks for nothing more. */
  reaching(remote: RemoteStore): RemoteStore {
    const never = new Promise<never>(() => undefined)
    return {
      ...remote,
      pull: (request) => (this.#isOn ? remote.pull(request) : never),
      push: (request) => (this.#isOn ? remote.push(request) : never),
    }
  }
}
