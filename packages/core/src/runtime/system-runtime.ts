import { createProcessLocks } from './process-locks.ts'
import type { Channel, Locks, Runtime, Signal } from './runtime.ts'

/** The parts of a browser or of Node that the runtime reads; what is missing has a stand-in. */
interface Surroundings {
  readonly crypto: Crypto
  readonly performance: Performance
  readonly document?: Document
  readonly navigator?: Navigator & { getBattery?: () => Promise<Battery> }
  readonly BroadcastChannel?: typeof BroadcastChannel
  readonly requestIdleCallback?: typeof requestIdleCallback
  readonly cancelIdleCallback?: typeof cancelIdleCallback
  addEventListener?(type: string, listener: () => void): void
  removeEventListener?(type: string, listener: () => void): void
}

interface Battery extends EventTarget {
  readonly charging: boolean
  readonly level: number
}

const LOW_BATTERY = 0.2
/** Without `requestIdleCallback`, idle work waits this long, in ms. */
const IDLE_DELAY = 20

/** The runtime of the browser tab, worker or process that calls it. */
export function systemRuntime(): Runtime {
  const here = globalThis as unknown as Surroundings
  return {
    now: () => Date.now(),
    monotonic: () => here.performance.now(),
    setTimer(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    whenIdle: (run) => whenIdle(here, run),
    randomHex: (digits) => randomHex(here, digits),
    randomUnit: () => Math.random(),
    connectivity: connectivityOf(here),
    visibility: visibilityOf(here),
    lowBattery: lowBatteryOf(here),
    locks: here.navigator?.locks === undefined ? processLocks : webLocks(here.navigator.locks),
    openChannel: (name) => openChannel(here, name),
  }
}

const processLocks = createProcessLocks()

function whenIdle(here: Surroundings, run: () => void): () => void {
  if (here.requestIdleCallback !== undefined && here.cancelIdleCallback !== undefined) {
    const handle = here.requestIdleCallback(run, { timeout: 1000 })
    return () => here.cancelIdleCallback?.(handle)
  }
  const timer = setTimeout(run, IDLE_DELAY)
  return () => clearTimeout(timer)
}

/** Random digits that were not given out yet: asking for a few at a time costs most of a mutation's stamp. */
let pool = ''
let used = 0
const POOL_BYTES = 1024

function randomHex(here: Pick<Surroundings, 'crypto'>, digits: number): string {
  let hex = ''
  for (;;) {
    const some = pool.slice(used, used + digits - hex.length)
    used += some.length
    hex += some
    if (hex.length === digits) return hex
    pool = hexOf(here.crypto.getRandomValues(new Uint8Array(POOL_BYTES)))
    used = 0
  }
}

function hexOf(bytes: Uint8Array): string {
  const codes = new Uint8Array(bytes.length * 2)
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    codes[2 * i] = digitCode(byte >> 4)
    codes[2 * i + 1] = digitCode(byte & 15)
  }
  return new TextDecoder().decode(codes)
}

/** Of '0' to '9', and 'a' to 'f'. */
const digitCode = (digit: number) => digit + (digit < 10 ? 48 : 87)

function eventSignal(
  target: Pick<Surroundings, 'addEventListener' | 'removeEventListener'>,
  types: readonly string[],
  get: () => boolean,
): Signal {
  return {
    get,
    subscribe(listener) {
      for (const type of types) target.addEventListener?.(type, listener)
      return () => {
        for (const type of types) target.removeEventListener?.(type, listener)
      }
    },
  }
}

/** Where the platform cannot tell (Node), it is online: a request finds out. */
function connectivityOf(here: Surroundings): Signal {
  return eventSignal(here, ['online', 'offline'], () => here.navigator?.onLine ?? true)
}

function visibilityOf({ document }: Surroundings): Signal {
  return eventSignal(document ?? {}, ['visibilitychange'], () => document?.visibilityState !== 'hidden')
}

function lowBatteryOf(here: Surroundings): Signal {
  let battery: Battery | undefined
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  here.navigator?.getBattery?.().then(
    (found) => {
      battery = found
      for (const type of ['levelchange', 'chargingchange']) found.addEventListener(type, tell)
    },
    () => undefined,
  )
  return {
    get: () => battery !== undefined && !battery.charging && battery.level <= LOW_BATTERY,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function webLocks(manager: LockManager): Locks {
  return {
    async request(name, asked, hold) {
      const { signal, steal } = asked
      const stolen = new AbortController()
      let isHeld = false
      const options: LockOptions = {
        ...(signal === undefined || steal ? {} : { signal }),
        ...(steal ? { steal: true } : {}),
      }
      const holding: { result?: ReturnType<typeof hold> } = {}
      try {
        return (await manager.request(name, options, () => {
          isHeld = true
          holding.result = hold(stolen.signal)
          return holding.result
        })) as Awaited<ReturnType<typeof hold>>
      } catch (error) {
        if (!isHeld && isRefused(error)) return processLocks.request(name, asked, hold)
        // A stolen lock rejects the request while its holder is still at work: let the holder end.
        if (!isHeld || holding.result === undefined) throw error
        stolen.abort()
        return holding.result
      }
    },
    async isHeld(name) {
      try {
        const { held = [] } = await manager.query()
        return held.some((lock) => lock.name === name)
      } catch (error) {
        if (isRefused(error)) return processLocks.isHeld(name)
        throw error
      }
    },
  }
}

/**
 * True where site data is blocked: there Firefox refuses each lock and channel. Tabs then share no
 * database either, so those of this page suffice.
 */
const isRefused = (error: unknown): boolean => error instanceof DOMException && error.name === 'SecurityError'

const SILENT: Channel = { post: () => {}, subscribe: () => () => {}, close: () => {} }

function openChannel({ BroadcastChannel: Native }: Surroundings, name: string): Channel {
  if (Native === undefined) return SILENT
  try {
    return channelOn(new Native(name))
  } catch (error) {
    if (isRefused(error)) return SILENT
    throw error
  }
}

function channelOn(channel: BroadcastChannel): Channel {
  // In Node an open channel would keep the process alive.
  ;(channel as { unref?: () => void }).unref?.()
  return {
    post: (message) => channel.postMessage(message),
    subscribe(listener) {
      const onMessage = (event: MessageEvent) => listener(event.data)
      channel.addEventListener('message', onMessage)
      return () => channel.removeEventListener('message', onMessage)
    },
    close: () => channel.close(),
  }
}
