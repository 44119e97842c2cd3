import { collection, createHoldfast, type RemoteStore } from '../../../packages/core/src/index.ts'
import { memoryStore } from '../../../packages/core/src/memory.ts'
import { type Contact, contactsFrom, type Digest, digestOf } from '../contacts.ts'
import { median } from '../percentile.ts'
import { dynamoDbLane } from './dynamodb.ts'
import type { RemoteLane } from './lane.ts'
import { supabaseLane } from './supabase.ts'

export interface RemoteFigure {
  readonly remote: string
  readonly what: 'first pull' | 'drain'
  readonly rows: number
  readonly bareBatches: string
  /** Rows a second, the median of the rounds. */
  readonly holdfast: number
  readonly bare: number
  readonly ratio: number
  readonly holdfastRequests: number
  readonly bareRequests: number
}

interface Sample {
  readonly perSecond: number
  readonly requests: number
}

export interface RemoteSizes {
  readonly pull: number
  readonly drain: number
  readonly rounds: number
}

export async function runRemotes(
  sizes: RemoteSizes,
  tell: (done: number, total: number, what: string) => void,
): Promise<RemoteFigure[]> {
  const figures: RemoteFigure[] = []
  for (const start of [supabaseLane, dynamoDbLane]) {
    tell(figures.length, 4, `${start.name}: seeding`)
    const lane = await start()
    try {
      figures.push(
        ...(await runLane(lane, sizes, (what) => tell(figures.length, 4, `${lane.name}: ${what}`))),
      )
    } finally {
      await lane.stop()
    }
  }
  return figures
}

async function runLane(
  lane: RemoteLane,
  { pull, drain, rounds }: RemoteSizes,
  tell: (what: string) => void,
): Promise<RemoteFigure[]> {
  const contacts = contactsFrom(0, pull)
  await lane.seed(contacts)
  const expected = digestOf(contacts)
  const pulls: [Sample, Sample][] = []
  const drains: [Sample, Sample][] = []
  for (let round = 0; round < rounds; round++) {
    tell(`first pull, round ${round + 1}`)
    pulls.push([await holdfastPull(lane, expected), await barePull(lane, expected)])
  }
  for (let round = 0; round < rounds; round++) {
    tell(`drain, round ${round + 1}`)
    const mine = contactsFrom(pull + round * drain, drain)
    drains.push([await holdfastDrain(lane, mine), await bareDrain(lane, mine)])
  }
  const all = digestOf(contactsFrom(0, pull + rounds * drain))
  same(await lane.stored(), all)
  const { name: remote, bareBatches } = lane
  return [
    { remote, what: 'first pull', rows: pull, bareBatches, ...medians(pulls) },
    { remote, what: 'drain', rows: drain, bareBatches, ...medians(drains) },
  ]
}

function medians(samples: readonly [Sample, Sample][]) {
  const [own, bare] = [samples.map(([one]) => one), samples.map(([, one]) => one)]
  const holdfast = median(own.map(({ perSecond }) => perSecond))
  const bareRate = median(bare.map(({ perSecond }) => perSecond))
  return {
    holdfast,
    bare: bareRate,
    ratio: holdfast / bareRate,
    holdfastRequests: median(own.map(({ requests }) => requests)),
    bareRequests: median(bare.map(({ requests }) => requests)),
  }
}

async function sample(lane: RemoteLane, rows: number, work: () => Promise<unknown>): Promise<Sample> {
  lane.takeRequests()
  const began = performance.now()
  await work()
  return { perSecond: (rows * 1000) / (performance.now() - began), requests: lane.takeRequests() }
}

const open = (remote: RemoteStore) =>
  createHoldfast({
    name: 'bench',
    local: memoryStore(),
    remote,
    collections: { contacts: collection<Contact>() },
  })

async function holdfastPull(lane: RemoteLane, expected: Digest): Promise<Sample> {
  const db = await open(lane.remote())
  const found = await sample(lane, expected.count, () => db.sync.now())
  same(digestOf(await db.contacts.find()), expected)
  await db.close()
  return found
}

async function barePull(lane: RemoteLane, expected: Digest): Promise<Sample> {
  let contacts: readonly Contact[] = []
  const found = await sample(lane, expected.count, async () => {
    contacts = await lane.barePull()
  })
  // Later rounds find what the bare client itself has written since.
  same(digestOf(contacts.slice(0, expected.count)), expected)
  return found
}

/** A replica that is in sync, so that only its own writes are moved; they are queued before the clock starts. */
async function holdfastDrain(lane: RemoteLane, contacts: readonly Contact[]): Promise<Sample> {
  const db = await open(lane.remote())
  await db.sync.now()
  await db.contacts.insertMany(contacts)
  const found = await sample(lane, contacts.length, () => db.sync.now())
  const { pending, failed } = db.sync.status.getSnapshot()
  if (pending + failed > 0) throw new Error(`${pending} still wait, ${failed} were refused.`)
  await db.close()
  return found
}

function bareDrain(lane: RemoteLane, contacts: readonly Contact[]): Promise<Sample> {
  return sample(lane, contacts.length, () => lane.barePush(contacts))
}

function same(found: Digest, expected: Digest): void {
  if (found.count === expected.count && found.sum === expected.sum) return
  throw new Error(
    `Moved ${found.count} rows with digest ${found.sum}; expected ${expected.count} with ${expected.sum}.`,
  )
}
