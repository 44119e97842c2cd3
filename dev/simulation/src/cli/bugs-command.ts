import process from 'node:process'
import { bugs } from '../bugs/all.ts'
import { replayCommand } from '../engine-variant.ts'
import { type Hunt, hunt } from '../hunt.ts'
import { recordHunts } from './record.ts'
import { say } from './say.ts'

export interface BugsCommandOptions {
  readonly within: number
  readonly from: number
  readonly workers: number
  readonly only?: readonly string[]
  readonly record?: boolean
}

/** Hunts for each bug in turn. The process fails if one is not found. */
export async function bugsCommand({ only, record, ...options }: BugsCommandOptions): Promise<void> {
  const chosen = bugs.filter(({ id }) => only === undefined || only.includes(id))
  const hunts: Hunt[] = []
  for (const bug of chosen) {
    const one = await hunt(bug, options)
    hunts.push(one)
    const what = one.found === null ? 'NOT FOUND' : `${one.found.message}`
    say(`${hunts.length}/${chosen.length} ${bug.id} (${one.seconds.toFixed(1)} s): ${what}`)
    if (one.found !== null) say(`    ${replayCommand(one.found.seed, { bug: bug.id })}`)
  }
  if (record) recordHunts(hunts, options.within)
  process.exitCode = hunts.length === 0 || hunts.some(({ found }) => found === null) ? 1 : 0
}
