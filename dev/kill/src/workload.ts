import type { LocalStore, WriteBatch } from '@holdfast/core'
import type { Acknowledged, Verdict } from './verdict.ts'

/** How many of its latest records a writer keeps; older ones go by range deletes. */
const KEPT = 20
const FOLD_EVERY = 10

export interface Workload {
  readonly writers: readonly string[]
  /** Told when a batch is durable; may answer with a promise that is waited for. */
  report(writer: string, batch: number): unknown
  readonly batches: number
}

/** Writes batch after batch from where each writer stands. Runs in Node and in pages. */
export async function write(store: LocalStore, workload: Workload): Promise<void> {
  const strict = store.capabilities.durability.includes('strict')
  const run = async (writer: string) => {
    const start = await standOf(store, writer)
    for (let batch = start + 1; batch <= start + workload.batches; batch++) {
      const expected = { key: markKey(writer), value: batch === 1 ? null : String(batch - 1) }
      const durability = strict && batch % 5 === 0 ? { durability: 'strict' as const } : {}
      await store.write(batchOf(writer, batch), { expect: expected, ...durability })
      await workload.report(writer, batch)
    }
  }
  await Promise.all(workload.writers.map(run))
}

/** Compares what is stored with what whole batches leave behind, and with what was acknowledged. */
export async function check(
  store: LocalStore,
  writers: readonly string[],
  acknowledged: Acknowledged,
): Promise<Verdict> {
  let lost = 0
  const torn: string[] = []
  for (const writer of writers) {
    const stand = await standOf(store, writer)
    lost += Math.max(0, (acknowledged[writer] ?? 0) - stand)
    const found = await store.scan({ from: `w/${writer}/`, to: `w/${writer}0` })
    const expected = recordsAfter(writer, stand)
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      torn.push(`writer ${writer} at batch ${stand}: ${found.length} records, expected ${expected.length}`)
    }
  }
  return { lost, torn }
}

const markKey = (writer: string) => `m/${writer}`

async function standOf(store: LocalStore, writer: string): Promise<number> {
  const [mark] = await store.getMany([markKey(writer)])
  return Number(mark ?? 0)
}

/** Two records and the mark in one batch, so that a torn one shows; now and then a range delete with them. */
function batchOf(writer: string, batch: number): WriteBatch {
  const fold = batch % FOLD_EVERY === 0 && batch > KEPT
  return {
    deleteRanges: fold ? [{ from: `w/${writer}/`, to: recordKey(writer, batch - KEPT, 'a') }] : [],
    put: [...recordsOf(writer, batch), [markKey(writer), String(batch)]],
  }
}

function recordsAfter(writer: string, stand: number): [string, string][] {
  const lastFold = stand - (stand % FOLD_EVERY)
  const first = lastFold > KEPT ? lastFold - KEPT : 1
  const records: [string, string][] = []
  for (let batch = first; batch <= stand; batch++) records.push(...recordsOf(writer, batch))
  return records
}

function recordsOf(writer: string, batch: number): [string, string][] {
  const text = `${writer} ${batch} `.repeat(10 + ((batch * 37) % 60))
  return [
    [recordKey(writer, batch, 'a'), text],
    [recordKey(writer, batch, 'b'), text.toUpperCase()],
  ]
}

const recordKey = (writer: string, batch: number, part: string) =>
  `w/${writer}/${String(batch).padStart(10, '0')}/${part}`
