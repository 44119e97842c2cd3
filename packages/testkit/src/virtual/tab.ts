import type { VirtualTime } from './time.ts'

/** The life of one tab: what it scheduled runs only while it is neither frozen nor killed. */
export interface TabLife {
  state(): 'alive' | 'frozen' | 'killed'
  /** Runs `run` in this tab after `ms`; held back while the tab is frozen. */
  schedule(ms: number, run: () => void, options?: { readonly whenIdle?: boolean }): () => void
  onKill(release: () => void): void
  freeze(): void
  thaw(): void
  kill(): void
}

export function createTabLife(time: VirtualTime): TabLife {
  const waiting = new Set<() => void>()
  const releases: (() => void)[] = []
  let held: (() => void)[] = []
  let state: 'alive' | 'frozen' | 'killed' = 'alive'

  return {
    state: () => state,
    schedule(ms, run, options) {
      if (state === 'killed') return () => {}
      let cancelled = false
      const runInTab = () => {
        waiting.delete(unschedule)
        if (cancelled || state === 'killed') return
        if (state === 'frozen') held.push(runInTab)
        else run()
      }
      const unschedule = time.schedule(ms, runInTab, options)
      waiting.add(unschedule)
      return () => {
        cancelled = true
        unschedule()
        waiting.delete(unschedule)
      }
    },
    onKill(release) {
      releases.push(release)
    },
    freeze() {
      if (state === 'alive') state = 'frozen'
    },
    thaw() {
      if (state !== 'frozen') return
      state = 'alive'
      const late = held
      held = []
      for (const run of late) time.schedule(0, run)
    },
    kill() {
      state = 'killed'
      for (const unschedule of waiting) unschedule()
      waiting.clear()
      held = []
      for (const release of releases.splice(0)) release()
    },
  }
}
