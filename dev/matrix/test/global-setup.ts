import type { TestProject } from 'vitest/node'
import { startBackends } from '../src/backends.ts'
import type { Backends } from '../src/remotes.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    backends: Backends[]
  }
}

const PAIRS = 9

/** Starts the backends for the tests that run inside the browser, and ends them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const backends = await startBackends()
  project.provide(
    'backends',
    Array.from({ length: PAIRS }, (_, pair) => backends.of(1000 + pair)),
  )
  return () => backends.stop()
}
