import { setTimeout as wait } from 'node:timers/promises'
import { jsonEquals, type SettledConflict } from '@holdfast/core'
import { assertThat } from '../compare.ts'
import type { Place } from '../places.ts'
import { agreement, type Scene } from '../scene.ts'
import { CONFLICT_KINDS, type ConflictKind } from './conflict-kinds.ts'
import { count, type Step } from './step.ts'

/** How one kind of conflict went, for the printed table. */
export interface ConflictReport {
  readonly kind: ConflictKind
  readonly place: Place
  readonly decisions: readonly string[]
}

/** Places for each kind. */
const PLACES_OF_A_KIND = 3

interface Case {
  readonly kind: ConflictKind
  readonly place: Place
}

export function conflicts(report: (reports: readonly ConflictReport[]) => void): Step {
  return {
    title: 'Both go offline and edit the same places; both sync',
    async run(scene) {
      const { a, b } = scene
      const cases = casesOf(scene)
      for (const { line } of [a, b]) line.cut()
      await actOffline(scene, cases)
      for (const { line } of [a, b]) line.mend()

      const settled = new Map<string, SettledConflict>()
      const stop = b.app.onSettled((conflict) => void settled.set(conflict.id, conflict))
      for (const { app } of [a, b, a]) await app.sync()
      stop()

      for (const one of cases) await assertResult(scene, one, settled)
      report(cases.filter((_, i) => i % PLACES_OF_A_KIND === 0).map((one) => reportOf(one, settled)))
      const digest = await agreement(scene)
      return `${count(settled.size)} conflicts settled, digest ${digest}`
    },
  }
}

function casesOf({ places, takeSpare }: Scene): Case[] {
  const existing = places.slice(0, CONFLICT_KINDS.length * PLACES_OF_A_KIND)
  return CONFLICT_KINDS.flatMap((kind, i) => {
    const from = i * PLACES_OF_A_KIND
    const own = kind.isNew ? takeSpare(PLACES_OF_A_KIND) : existing.slice(from, from + PLACES_OF_A_KIND)
    return own.map((place) => ({ kind, place }))
  })
}

/** In three moments of time, so that which edit is the newer one is no accident. */
async function actOffline({ a, b }: Scene, cases: readonly Case[]): Promise<void> {
  const early = cases.filter(({ kind }) => kind.aActsLast)
  const late = cases.filter(({ kind }) => !kind.aActsLast)
  for (const { kind, place } of early) await kind.b.does(b.app, place)
  await wait(2)
  for (const { kind, place } of cases) await kind.a.does(a.app, place)
  await wait(2)
  for (const { kind, place } of late) await kind.b.does(b.app, place)
}

async function assertResult(
  { a }: Scene,
  { kind, place }: Case,
  settled: ReadonlyMap<string, SettledConflict>,
): Promise<void> {
  const expected = kind.result(place)
  const found = await a.app.get(place.id)
  const isRight =
    expected === undefined || found === undefined ? expected === found : jsonEquals(expected, found)
  assertThat(
    isRight,
    `${kind.title}: ${place.id} should be ${text(expected)} and is ${text(found)}, by ${text(settled.get(place.id)?.decisions)}.`,
  )
  assertThat(settled.has(place.id), `${kind.title}: nobody was told how ${place.id} was settled.`)
}

function reportOf({ kind, place }: Case, settled: ReadonlyMap<string, SettledConflict>): ConflictReport {
  const fieldsByReason = new Map<string, string[]>()
  for (const { path, chosen, why } of settled.get(place.id)?.decisions ?? []) {
    const reason = chosen === 'merged' ? why : `${chosen} (${why})`
    fieldsByReason.set(reason, [...(fieldsByReason.get(reason) ?? []), path.join('.')])
  }
  const decisions = [...fieldsByReason].map(([reason, fields]) => {
    const named = fields.filter((field) => field !== '').join(', ')
    return named === '' ? reason : `${named}: ${reason}`
  })
  return { kind, place, decisions }
}

function text(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value)
}
