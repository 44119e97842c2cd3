import type { RemoteStore } from '../contracts/remote-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { MemoryServer, RemoteCall, ServerBackend } from './memory-server.ts'

export interface MemoryRemoteOptions {
  readonly server: MemoryServer
  /** The space of this client; `default` unless given. */
  readonly space?: string
  /** Awaited on the way to the server and on the way back, for simulations of a network. */
  readonly latency?: (call: RemoteCall) => Promise<void>
}

const MAX_BATCH_BYTES = 4 * 1024 * 1024

/**
 * The reference RemoteStore, over a server in memory: written from the contract, to test an engine
 * against and to compare an adapter with. It is a fake for faults (`server.faults`), not a backend:
 * it has no access rules, and everything is gone with the process.
 */
export function memoryRemote({ server, space = 'default', latency }: MemoryRemoteOptions): RemoteStore {
  const backend = server as ServerBackend
  const { maxBatch, maxDocumentBytes } = backend.limits
  const stops = new Set<() => void>()

  async function call<T>(kind: RemoteCall, signal: AbortSignal, work: () => T): Promise<T> {
    return unlessAborted(signal, async () => {
      await latency?.(kind)
      await backend.board.released(kind)
      signal.throwIfAborted()
      backend.board.strikeBefore(kind)
      const answer = work()
      await latency?.(kind)
      backend.board.strikeAfter(kind)
      return answer
    })
  }

  return {
    specVersion: 1,
    name: 'memory',
    capabilities: {
      maxBatch,
      maxBatchBytes: MAX_BATCH_BYTES,
      maxDocumentBytes,
      atomicGroups: maxBatch,
      pokes: true,
    },
    pull: (request) => call('pull', request.signal, () => backend.pull(space, request)),
    push(request) {
      const sent = { ...request, mutations: structuredClone(request.mutations) }
      return call('push', request.signal, () => {
        if (backend.board.isTwice()) backend.push(space, sent)
        return structuredClone(backend.push(space, sent))
      })
    },
    subscribe(poke) {
      const unsubscribe = backend.subscribe(space, poke)
      const stop = () => {
        stops.delete(stop)
        unsubscribe()
      }
      stops.add(stop)
      return stop
    },
    async close() {
      for (const stop of stops) stop()
    },
  }
}

/** Settles as `work` does, or fails with `aborted` as soon as the signal fires. */
async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(abortedError(signal.reason))
  if (signal.aborted) throw abortedError(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function abortedError(cause: unknown): HoldfastError {
  return new HoldfastError(
    'aborted',
    'The call was cancelled. What was pushed may have taken effect or not. Send it again.',
    { cause },
  )
}
