import {
  type Conflict,
  type ConflictStrategy,
  canonicalJson,
  type JsonValue,
  type Resolution,
} from '@holdfast/core'
import { ConformanceFailure, check, checkEqual } from '../suite/check.ts'
import { deepFreeze } from '../suite/freeze.ts'
import type { ConformanceCase } from '../suite/run-suite.ts'
import { conflictCorpus, reordered } from './conflicts.ts'

const CONFLICTS = 300

/** The conformance cases of a ConflictStrategy, over a fixed corpus of conflicts. */
export function conflictStrategyCases(strategy: ConflictStrategy): ConformanceCase[] {
  const corpus = conflictCorpus('conflicts', CONFLICTS)
  const over = (id: string, title: string, run: (conflict: Conflict) => void): ConformanceCase => ({
    id,
    title,
    requires: [],
    async run() {
      for (const conflict of corpus) run(conflict)
    },
  })

  return [
    {
      id: 'declared',
      title: 'the strategy has a version and a name',
      requires: [],
      async run() {
        check(strategy.specVersion === 1, 'specVersion must be 1.')
        check(strategy.name.length > 0, 'A strategy has a name, for people and audit trails.')
      },
    },
    over('total', 'every conflict has an answer', (conflict) => {
      const resolution = resolveOf(strategy, conflict)
      check(
        'value' in resolution !== 'defer' in resolution,
        'Answer with a value and decisions, or with defer.',
      )
      if ('defer' in resolution) check(resolution.defer.length > 0, 'A deferral gives its reason.')
    }),
    over('keeps-id', 'the value keeps the id of the document', (conflict) => {
      const resolution = resolveOf(strategy, conflict)
      if ('value' in resolution)
        checkEqual(resolution.value.id, conflict.context.id, 'A strategy never changes or drops the id.')
    }),
    over('value-is-json', 'the value is JSON through and through', (conflict) => {
      const resolution = resolveOf(strategy, conflict)
      if (!('value' in resolution)) return
      const copy: unknown = JSON.parse(JSON.stringify(resolution.value))
      checkEqual(
        resolution.value,
        copy,
        'No undefined, NaN, Date or class instance in the value: it must survive JSON.',
      )
    }),
    over('deterministic', 'the same conflict has the same answer', (conflict) => {
      const first = textOf(resolveOf(strategy, conflict))
      checkEqual(
        textOf(resolveOf(strategy, conflict)),
        first,
        'Asked twice, a strategy must answer the same: no state, clock or randomness.',
      )
    }),
    over(
      'key-order',
      'the order of keys in the documents does not matter',
      ({ base, local, remote, context }) => {
        const straight = resolveOf(strategy, { base, local, remote, context })
        const turned = resolveOf(strategy, {
          base: reordered(base as JsonValue) as typeof base,
          local: reordered(local),
          remote: reordered(remote),
          context,
        })
        checkEqual(
          valueTextOf(turned),
          valueTextOf(straight),
          'Replicas hold the same document with its keys in different order: the answer must not depend on it.',
        )
      },
    ),
    over('pure', 'inputs are not changed, and no clock or randomness is read', (conflict) => {
      const before = canonicalJson(JSON.parse(JSON.stringify(conflict)) as JsonValue)
      withoutChance(() => resolveOf(strategy, deepFreeze(structuredClone(conflict))))
      resolveOf(strategy, conflict)
      checkEqual(
        canonicalJson(JSON.parse(JSON.stringify(conflict)) as JsonValue),
        before,
        'A strategy must not write into what it was given.',
      )
    }),
    over('decisions', 'decisions name a side, a path and a reason', (conflict) => {
      const resolution = resolveOf(strategy, conflict)
      if (!('value' in resolution)) return
      for (const { path, chosen, why } of resolution.decisions) {
        check(
          path.every((key) => typeof key === 'string'),
          'A path is a list of keys.',
        )
        check(['local', 'remote', 'merged'].includes(chosen), '`chosen` is local, remote or merged.')
        check(why.length > 0, 'A decision says why, in a word or a short phrase.')
      }
      const paths = resolution.decisions.map(({ path }) => JSON.stringify(path))
      checkEqual(new Set(paths).size, paths.length, 'One decision for each path.')
    }),
    over('equal-sides', 'two equal sides stay as they are', (conflict) => {
      const same = { ...conflict, remote: conflict.local }
      const resolution = resolveOf(strategy, same)
      if ('value' in resolution)
        checkEqual(
          resolution.value,
          conflict.local,
          'Where both sides hold the same document, that document is the answer.',
        )
    }),
  ]
}

function resolveOf(strategy: ConflictStrategy, conflict: Conflict): Resolution {
  try {
    return strategy.resolve(conflict)
  } catch (error) {
    throw new ConformanceFailure(
      `A strategy must answer every conflict, with defer if with nothing else. It threw ${String(error)} for ${JSON.stringify(conflict)}`,
      { cause: error },
    )
  }
}

function textOf(resolution: Resolution): string {
  return canonicalJson(JSON.parse(JSON.stringify(resolution)) as JsonValue)
}

function valueTextOf(resolution: Resolution): string {
  return 'value' in resolution ? canonicalJson(resolution.value) : `defer ${resolution.defer}`
}

/** Runs `work` with the global clock and random source replaced by ones that throw. */
function withoutChance(work: () => void): void {
  const { now } = Date
  const { random } = Math
  const refuse = (name: string) => () => {
    throw new Error(`${name} was read`)
  }
  Date.now = refuse('Date.now')
  Math.random = refuse('Math.random')
  try {
    work()
  } finally {
    Date.now = now
    Math.random = random
  }
}
