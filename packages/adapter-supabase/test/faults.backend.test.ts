import { isHoldfastError, type PushMutation, type RemoteStore } from '@holdfast/core'
import { type FaultProxy, seededFaults, startFaultProxy } from '@holdfast/dev-backends'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADA, mutation, openStage, push, type Stage } from './stage.ts'

let stage: Stage
let proxy: FaultProxy
beforeAll(async () => {
  stage = await openStage({
    sql: `
      create table counters (id text primary key, n int);
      create table effects (rev text, id text);
      create function note_effect() returns trigger language plpgsql security definer as $$
        begin insert into effects values (new._rev, new.id); return null; end $$;
      create trigger note_effect after insert or update on counters for each row execute function note_effect();
    `,
    tables: ['counters'],
  })
  proxy = await startFaultProxy({ target: stage.supabase.url })
})
afterAll(async () => {
  await proxy.stop()
  await stage.stop()
})

const LANES = 4
const COUNTERS = 5
const ROUNDS = 12

/** Sends until every mutation is answered for. */
async function deliver(remote: RemoteStore, mutations: readonly PushMutation[]): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      const outcomes = await push(remote, mutations)
      if (outcomes.every(({ kind }) => kind === 'applied' || kind === 'duplicate')) return
      throw new Error(`unexpected: ${JSON.stringify(outcomes)}`)
    } catch (error) {
      if (!isHoldfastError(error)) throw error
    }
  }
  throw new Error('never delivered')
}

test('lost, doubled, late and reordered requests: each mutation has one effect', async () => {
  const remote = stage.remoteOf(ADA, {
    fetch: (input, init) => fetch(proxy.url + new URL(String(input)).pathname.replace('/rest/v1', ''), init),
  })
  proxy.faults.use(seededFaults(7, { rate: 0.5 }))
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const bases = new Map<string, string>()
    const ids: string[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const batch = Array.from({ length: COUNTERS }, (_, i) => {
        const id = `lane${lane}-${i}`
        return mutation('counters', id, { base: bases.get(id) ?? null, value: { n: round } })
      })
      await deliver(remote, batch)
      for (const { documentId, id } of batch) bases.set(documentId, id)
      ids.push(...batch.map(({ id }) => id))
    }
    return ids
  })
  const sent = (await Promise.all(lanes)).flat()
  proxy.faults.heal()
  await proxy.stop()
  const effects = await stage.query<{ rev: string }>('select rev from effects')
  expect(effects.map(({ rev }) => rev).toSorted()).toEqual(sent.toSorted())
  const counters = await stage.query<{ n: number }>('select n from counters')
  expect(counters).toHaveLength(LANES * COUNTERS)
  expect(counters.every(({ n }) => n === ROUNDS)).toBe(true)
  expect(Object.keys(proxy.faults.counts).length).toBeGreaterThan(8)
})
