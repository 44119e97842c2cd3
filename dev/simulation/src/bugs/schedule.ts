import type { Bug } from './bug.ts'

/** When rounds run, and what a failure does to them. */
export const scheduleBugs: readonly Bug[] = [
  {
    id: 'failed-round-not-repeated',
    title: 'A round that failed is not tried again by itself',
    patches: [
      {
        file: 'schedule/scheduler.ts',
        find: 'else this.#schedule(this.#breaker.wait)',
        replace: '',
      },
    ],
    foundBy: 0,
  },
  {
    id: 'no-timeout',
    title: 'A request that is never answered is waited for without end',
    patches: [
      {
        file: 'schedule/transport.ts',
        find: 'cancelTimer = this.#runtime.setTimer(timeout, () => reject(timedOut(timeout)))',
        replace: 'cancelTimer = this.#runtime.setTimer(86_400_000, () => reject(timedOut(timeout)))',
      },
    ],
    foundBy: 5,
  },
  {
    id: 'reconnect-not-noticed',
    title: 'Coming back online asks for no round',
    patches: [{ file: 'schedule/scheduler.ts', find: "      this.request('reconnect')\n", replace: '' }],
    foundBy: 11,
  },
  {
    id: 'rounds-overlap',
    title: 'Two rounds run at once',
    patches: [
      {
        file: 'schedule/single-flight.ts',
        find: 'if (this.#current === null) return this.#start()',
        replace: 'if (this.#current !== undefined) return this.#start()',
      },
    ],
    foundBy: 2,
  },
  {
    id: 'lane-not-serial',
    title: 'Results of push and pull are applied at once, not one after the other',
    patches: [
      {
        file: 'apply/lane.ts',
        find: 'new PQueue({ concurrency: 1 })',
        replace: 'new PQueue({ concurrency: 9 })',
      },
    ],
    foundBy: 1,
  },
]
