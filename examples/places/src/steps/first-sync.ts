import { isHoldfastError } from '@holdfast/core'
import { assertThat } from '../compare.ts'
import type { Device } from '../device.ts'
import { agreement } from '../scene.ts'
import { count, type Progress, type Step } from './step.ts'

export const enterOffline: Step = {
  title: 'A is offline and enters the places, one by one, each durable before the next',
  async run({ a, places }, progress) {
    a.line.cut()
    const started = performance.now()
    for (const [done, place] of places.entries()) {
      await a.app.add(place)
      progress(done + 1, places.length, 'entered')
    }
    const perSecond = (places.length / (performance.now() - started)) * 1000
    const refusal = await a.app.sync().then(
      () => 'none',
      (error: unknown) => (isHoldfastError(error) ? error.code : String(error)),
    )
    assertThat(refusal === 'network', `A sync of an offline device ended with "${refusal}", not "network".`)
    assertThat(a.app.waiting() === places.length, `${a.app.waiting()} writes wait, not ${places.length}.`)
    return `${count(places.length)} writes wait, ${count(Math.round(perSecond))} writes/s`
  },
}

export const syncA: Step = {
  title: 'A comes online and syncs',
  async run({ a, places }, progress) {
    a.line.mend()
    const before = a.line.requests
    await syncWatched(a, progress)
    return `${count(places.length)} pushed in ${a.line.requests - before} requests`
  },
}

export const pullB: Step = {
  title: 'B pulls; A, B and the server are compared',
  async run(scene) {
    const { b } = scene
    const before = b.line.requests
    await b.app.sync()
    const requests = b.line.requests - before
    const digest = await agreement(scene)
    return `${count((await b.app.all()).length)} pulled in ${requests} requests, digest ${digest}`
  },
}

async function syncWatched({ app }: Device, progress: Progress): Promise<void> {
  const total = app.waiting()
  const stop = app.onWaiting(() => progress(total - app.waiting(), total, 'pushed'))
  try {
    await app.sync()
  } finally {
    stop()
  }
  assertThat(app.waiting() === 0, `${app.waiting()} writes still wait after the sync.`)
}
