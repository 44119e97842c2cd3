import { type Child, startDeviceB } from '../child.ts'
import { assertThat, Disagreement } from '../compare.ts'
import type { Place } from '../places.ts'
import { agreement, type Scene } from '../scene.ts'
import { count, type Step } from './step.ts'

const PATIENCE_MS = 60_000
/** Of as many places as A entered first. */
const SHARE = 0.2

/**
 * Device B is killed twice in the middle of a push: after the server has taken it, so that B never
 * hears that it succeeded, and before the server has seen it. Then it is started once more.
 */
export const killB: Step = {
  title: "B's process is killed (SIGKILL) in mid-sync, twice, and started again",
  async run(scene, progress) {
    const { a, b, backend, places, takeSpare } = scene
    await b.leave()
    const acknowledged = new Set<number>()
    const each = Math.max(20, Math.round(places.length * SHARE))
    for (const [i, side] of (['after', 'before'] as const).entries()) {
      const child = startB(scene, spread(takeSpare(each)))
      const hanging = b.line.hang(1, side)
      await Promise.race([hanging, hangsAtAll(child)])
      await child.kill()
      for (const geoname of child.acknowledged) acknowledged.add(geoname)
      progress(i + 1, 3, 'processes')
    }
    const already = (await backend.read()).filter(({ geoname }) => acknowledged.has(geoname)).length
    assertThat(
      already > 0 && already < acknowledged.size,
      `B was not in mid-sync when it was killed: the server has ${already} of ${acknowledged.size} places.`,
    )
    const last = startB(scene, { before: [], during: [] })
    const found = await last.synced
    await last.ended
    await b.enter()
    await b.app.sync()
    await a.app.sync()

    assertNothingLost(acknowledged, { 'device B': found, server: await backend.read() })
    const doubled = await backend.doubledWrites()
    if (doubled.length > 0) throw new Disagreement('Writes took effect twice:', doubled)
    const digest = await agreement(scene)
    return `${count(acknowledged.size)} places acknowledged by B; at the last start ${count(last.waitingAtStart)} waited, of which the server had ${count(already)}; 0 lost, 0 twice, digest ${digest}`
  },
}

function startB({ b, directoryB, own }: Scene, work: { before: Place[]; during: Place[] }): Child {
  // Without ids: the device makes them, so a write that is made twice gives two places.
  const withoutId = ({ id: _id, ...place }: Place) => place
  const child = startDeviceB({
    directory: directoryB,
    access: b.access,
    before: work.before.map(withoutId),
    during: work.during.map(withoutId),
  })
  own(() => child.kill())
  return child
}

function spread(places: Place[]): { before: Place[]; during: Place[] } {
  const middle = Math.ceil(places.length * 0.8)
  return { before: places.slice(0, middle), during: places.slice(middle) }
}

/** Rejects if the process ends, or gets to the end of its sync, before it could be killed. */
async function hangsAtAll(child: Child): Promise<never> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('Device B did not get to its push.')), PATIENCE_MS).unref()
  })
  await Promise.race([child.synced, late])
  throw new Error('Device B was in sync before it could be killed.')
}

function assertNothingLost(
  acknowledged: ReadonlySet<number>,
  copies: Readonly<Record<string, readonly Place[]>>,
): void {
  for (const [name, places] of Object.entries(copies)) {
    const there = new Set(places.map(({ geoname }) => geoname))
    const lost = [...acknowledged].filter((geoname) => !there.has(geoname))
    assertThat(lost.length === 0, `Acknowledged places are not on ${name}: ${lost.slice(0, 10).join(', ')}`)
  }
}
