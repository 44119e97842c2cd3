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
  /** The same rows on a part of the way, in the same rounds. */
  readonly parts: readonly PartFigure[]
}

export interface PartFigure {
  readonly name: string
  readonly perSecond: number
  readonly ratio: number
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

/** What runs for the first time is slower, here and there by different amounts: one round does not count. */
const nameOf = (round: number) => (round === 0 ? 'warming up' : `round ${round}`)

async function runLane(
  lane: RemoteLane,
  { pull, drain, rounds }: RemoteSizes,
  tell: (what: string) => void,
): Promise<RemoteFigure[]> {
  const contacts = contactsFrom(0, pull)
  await lane.seed(contacts)
  const expected = digestOf(contacts)
  const pulls: Sample[][] = []
  const drains: Sample[][] = []
  for (let round = 0; round <= rounds; round++) {
    tell(`first pull, ${nameOf(round)}`)
    const samples = [await holdfastPull(lane, expected), await readBy(lane, () => lane.barePull(), expected)]
    for (const part of lane.reads) samples.push(await readBy(lane, () => part.run(), expected))
    if (round > 0) pulls.push(samples)
  }
  const synced = [...contacts]
  const bare = [...contacts]
  let next = pull
  const more = () => {
    next += drain
    return contactsFrom(next - drain, drain)
  }
  for (let round = 0; round <= rounds; round++) {
    tell(`drain, ${nameOf(round)}`)
    const mine = more()
    synced.push(...mine)
    bare.push(...mine)
    const samples = [await holdfastDrain(lane, mine), await writeBy(lane, () => lane.barePush(mine), mine)]
    for (const part of lane.writes) {
      const rows = more()
      samples.push(await writeBy(lane, () => part.run(rows), rows))
      if (part.isSynced) synced.push(...rows)
    }
    if (round > 0) drains.push(samples)
  }
  same(await lane.stored(), digestOf(synced))
  same(await lane.bareStored(), digestOf(bare))
  const { name: remote, bareBatches } = lane
  return [
    { remote, what: 'first pull', rows: pull, bareBatches, ...medians(pulls, lane.reads) },
    { remote, what: 'drain', rows: drain, bareBatches, ...medians(drains, lane.writes) },
  ]
}

/** Of rounds that each hold a sample of Holdfast, of the bare client, and of each part. */
function medians(rounds: readonly Sample[][], parts: readonly { readonly name: string }[]) {
  const of = (place: number, what: keyof Sample) =>
    median(rounds.map((samples) => samples[place]?.[what] ?? 0))
  const bare = of(1, 'perSecond')
  return {
    holdfast: of(0, 'perSecond'),
    bare,
    ratio: of(0, 'perSecond') / bare,
    holdfastRequests: of(0, 'requests'),
    bareRequests: of(1, 'requests'),
    parts: parts.map(({ name }, i) => {
      const perSecond = of(i + 2, 'perSecond')
      return { name, perSecond, ratio: perSecond / bare }
    }),
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

async function readBy(
  lane: RemoteLane,
  read: () => Promise<readonly Contact[]>,
  expected: Digest,
): Promise<Sample> {
  let contacts: readonly Contact[] = []
  const found = await sample(lane, expected.count, async () => {
    contacts = await read()
  })
  same(digestOf(contacts), expected)
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

function writeBy(lane: RemoteLane, write: () => Promise<void>, rows: readonly Contact[]): Promise<Sample> {
  return sample(lane, rows.length, write)
}

function same(found: Digest, expected: Digest): void {
  if (found.count === expected.count && found.sum === expected.sum) return
  throw new Error(
    `Moved ${found.count} rows with digest ${found.sum}; expected ${expected.count} with ${expected.sum}.`,
  )
}
