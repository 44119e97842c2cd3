import { readFileSync } from 'node:fs'
import type { LocalCapabilities, RemoteCapabilities } from '@holdfast/core'
import {
  type LocalHarness,
  localStoreCases,
  localStoreCasesLeftOut,
  type RemoteHarness,
  remoteStoreCases,
  remoteStoreCasesLeftOut,
} from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'

/*
 * The report in an adapter's README is written by `pnpm conformance-report`, which runs the suites
 * on the real thing. Here each column is held against the suite of today: a case that came, went or
 * requires something else since makes the report stale.
 */
const LOCAL = ['adapter-indexeddb', 'adapter-localstorage', 'adapter-sqlite']
const REMOTE = ['adapter-supabase', 'adapter-dynamodb']
const STALE = 'the report is stale: run `pnpm conformance-report`'

type Column = ReadonlyMap<string, string>

/** The columns of the report in a README, each from the names of its rows to what they say. */
function columnsOf(name: string): Column[] {
  const readme = readFileSync(`packages/${name}/README.md`, 'utf8')
  const [, report = ''] = readme.split(/<!-- \/?conformance.*-->/)
  const rows = [...report.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim().replaceAll('`', '')),
  )
  const width = (rows[0]?.length ?? 1) - 1
  return Array.from(
    { length: width },
    (_, i) => new Map(rows.map((cells) => [cells[0] ?? '', cells[i + 1] ?? ''])),
  )
}

const numberOf = (column: Column, name: string) => Number(column.get(name)?.replaceAll(',', ''))
const wantsOf = (column: Column) => column.get('left out, for want of') ?? ''

/** The member of a harness, unless cases were left out for want of it. */
const member = (column: Column, name: string) =>
  new RegExp(`(× |and )${name}\\b`).test(wantsOf(column)) ? {} : { [name]: async () => async () => {} }

function localHarness(column: Column): LocalHarness {
  const unused = () => Promise.reject(new Error('No case is run here.'))
  const capabilities: LocalCapabilities = {
    durability: (column.get('durability')?.split(', ') ?? []) as LocalCapabilities['durability'],
    binary: column.get('binary') === 'yes',
    sharedBetweenTabs: column.get('sharedBetweenTabs') === 'yes',
    maxValueBytes: numberOf(column, 'maxValueBytes'),
    ...(column.get('estimate') === 'yes' ? { estimate: unused } : {}),
  }
  const faults = ['damage', 'refuseOpen', 'fill', 'lose', 'cutPower'].map((name) => member(column, name))
  const optional = {
    ...member(column, 'crash'),
    ...member(column, 'openElsewhere'),
    faults: Object.assign({}, ...faults),
  }
  return { capabilities, open: unused, destroy: unused, ...optional }
}

function remoteHarness(column: Column): RemoteHarness {
  const unused = () => Promise.reject(new Error('No case is run here.'))
  const capabilities: RemoteCapabilities = {
    maxBatch: numberOf(column, 'maxBatch'),
    maxBatchBytes: numberOf(column, 'maxBatchBytes'),
    maxDocumentBytes: numberOf(column, 'maxDocumentBytes'),
    atomicGroups: numberOf(column, 'atomicGroups'),
    pokes: column.get('pokes') === 'yes',
  }
  return { capabilities, open: unused, ...member(column, 'foreign'), ...member(column, 'endEpoch') }
}

function wantsText(leftOut: readonly { readonly unmet: readonly string[] }[]): string {
  const byWant = Map.groupBy(leftOut, ({ unmet }) => unmet.join(' and '))
  return [...byWant].map(([want, cases]) => `${cases.length} × ${want}`).join(', ') || 'nothing'
}

function expectFresh(column: Column, now: { readonly run: number; readonly wants: string }): void {
  const report = { run: numberOf(column, 'cases run'), wants: wantsOf(column) }
  expect(report, STALE).toEqual(now)
  expect(numberOf(column, 'passed')).toBe(report.run)
  expect(numberOf(column, 'known gaps')).toBe(0)
}

describe.each(LOCAL)('%s', (name) => {
  test.each(columnsOf(name))('column %#: sixty cases or more of today, no known gap', (column) => {
    const harness = localHarness(column)
    const run = localStoreCases(harness).length
    expectFresh(column, { run, wants: wantsText(localStoreCasesLeftOut(harness)) })
    expect(run).toBeGreaterThanOrEqual(60)
  })
})

describe.each(REMOTE)('%s', (name) => {
  test.each(columnsOf(name))('column %#: eighty cases or more of today, no known gap', (column) => {
    const harness = remoteHarness(column)
    const run = remoteStoreCases(harness).length
    expectFresh(column, { run, wants: wantsText(remoteStoreCasesLeftOut(harness)) })
    expect(run).toBeGreaterThanOrEqual(80)
  })
})
