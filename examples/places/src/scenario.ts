import type { DemoOptions } from './options.ts'
import { agreement, type Scene } from './scene.ts'
import { type ConflictReport, conflicts } from './steps/conflicts.ts'
import { enterOffline, pullB, syncA } from './steps/first-sync.ts'
import { killB } from './steps/kill.ts'
import { localStores } from './steps/local-stores.ts'
import { otherProgram } from './steps/other-program.ts'
import { count, type Step } from './steps/step.ts'

/** The same steps for every backend; another program's SQL only where there is SQL. */
export function scenarioFor(
  { backend }: Scene,
  options: Pick<DemoOptions, 'tamper'> & { onConflicts: (reports: readonly ConflictReport[]) => void },
): readonly Step[] {
  return [
    enterOffline,
    syncA,
    pullB,
    conflicts(options.onConflicts),
    ...(backend.sql === undefined ? [] : [otherProgram]),
    killB,
    localStores,
    ...(options.tamper ? [tamper] : []),
    verdict,
  ]
}

const tamper: Step = {
  title: 'One document is changed on the server, unseen by any change feed',
  async run({ backend, places }) {
    const target = places.at(-2)
    if (target !== undefined) await backend.tamper(target.id)
    return target?.id ?? 'none'
  },
}

const verdict: Step = {
  title: 'A, B and the server hold the same documents',
  async run(scene) {
    const digest = await agreement(scene)
    return `${count((await scene.backend.read()).length)} documents, digest ${digest}`
  },
}
