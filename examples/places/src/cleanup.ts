import process from 'node:process'

/** Everything that was started, ended in reverse order: at the end, on a failure, and on Ctrl-C. */
export interface Cleanup {
  /** A signal ends the program: what fails from now on fails for that. */
  readonly isInterrupted: boolean
  add(end: () => Promise<void>): void
  /** Ends everything that is left, whatever fails; rejects with the first failure. */
  run(): Promise<void>
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export function openCleanup(): Cleanup {
  const ends: (() => Promise<void>)[] = []
  let isInterrupted = false
  let running: Promise<void> | null = null
  const endAll = async () => {
    const failures: unknown[] = []
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
      await end().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
  const run = () => {
    running ??= endAll().finally(() => {
      running = null
    })
    return running
  }
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    // One that comes while things are being ended must not cut that short.
    process.on(signal, () => {
      isInterrupted = true
      const exit = () => process.exit(code)
      run().then(exit, exit)
    })
  }
  return {
    get isInterrupted() {
      return isInterrupted
    },
    add: (end) => void ends.push(end),
    run,
  }
}
