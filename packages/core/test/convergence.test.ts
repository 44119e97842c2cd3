import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { canonicalJson, collection, createHoldfast, type Holdfast, tokens } from '../src/index.ts'
import {
  createMemoryDisk,
  createMemoryServer,
  type MemoryServer,
  memoryRemote,
  memoryStore,
} from '../src/memory.ts'
import { throughWeather, type Weather } from './support/flaky-remote.ts'
import { type Random, randomOf } from './support/random.ts'

interface Note {
  readonly id: string
  readonly text?: string
  readonly n?: number
  readonly tags?: readonly string[]
}

const collections = { notes: collection<Note>(), tasks: collection<Note>({ deletes: 'editWins' }) }
type Db = Holdfast<typeof collections>

const IDS = Array.from({ length: 12 }, (_, i) => `d${i}`)

/** One device: an open database on a disk that outlives it, and what was acknowledged to its user. */
class Device {
  db: Db | null = null
  readonly #disk = createMemoryDisk()
  readonly #machine
  readonly #server: MemoryServer
  readonly #weather: Weather
  readonly #random: Random
  #tab

  constructor(parts: {
    seed: number
    time?: never
    server: MemoryServer
    weather: Weather
    random: Random
    machine: ReturnType<typeof createVirtualMachine>
  }) {
    this.#machine = parts.machine
    this.#server = parts.server
    this.#weather = parts.weather
    this.#random = parts.random
    this.#tab = parts.machine.tab()
  }

  async open(): Promise<void> {
    this.#tab = this.#machine.tab()
    const runtime = this.#tab
    this.db = await createHoldfast({
      name: 'notes',
      local: memoryStore({ disk: this.#disk }),
      remote: throughWeather(memoryRemote({ server: this.#server }), this.#weather, {
        runtime,
        random: this.#random,
      }),
      collections,
      schedule: { debounce: 10, activeInterval: 500, backoffBase: 50, backoffCeiling: 500 },
      parts: (container) => container.set(tokens.RUNTIME, runtime),
    })
    this.db.sync.start()
  }

  /** Power off in the middle of everything: memory is gone, the disk stays. */
  crash(): void {
    this.#machine.kill(this.#tab)
    this.db = null
  }

  async step(random: Random): Promise<void> {
    const { db } = this
    if (db === null) return this.open()
    const notes = random.chance(0.7) ? db.notes : db.tasks
    const id = random.pick(IDS)
    const dice = random.unit()
    if (dice < 0.3) await notes.put({ id, text: `t${random.below(1000)}`, n: random.below(10) })
    else if (dice < 0.6) {
      if ((await notes.get(id)) !== undefined) {
        await notes.update(
          id,
          random.chance(0.5) ? { text: `u${random.below(1000)}` } : { n: random.below(100) },
        )
      }
    } else if (dice < 0.7) await notes.delete(id)
    else if (dice < 0.75) {
      await db.transact(async (tx) => {
        await tx.notes.put({ id: random.pick(IDS), n: 1 })
        await tx.tasks.put({ id: random.pick(IDS), n: 2 })
      })
    } else if (dice < 0.8) this.crash()
    else if (dice < 0.85) await db.sync.optimize().catch(() => undefined)
  }
}

async function digest(db: Db): Promise<string> {
  const orderBy = { id: 'asc' } as const
  return canonicalJson({
    notes: await db.notes.find({ orderBy }),
    tasks: await db.tasks.find({ orderBy }),
  } as never)
}

function serverDigest(server: MemoryServer): string {
  const of = (name: string) =>
    server
      .versions()
      .filter(({ collection, value }) => collection === name && value !== null)
      .map(({ value }) => value)
      .toSorted((a, b) => ((a?.id ?? '') < (b?.id ?? '') ? -1 : 1))
  return canonicalJson({ notes: of('notes'), tasks: of('tasks') } as never)
}

async function history(seed: number): Promise<void> {
  const random = randomOf(seed)
  const weather: Weather = {
    lostRequest: random.chance(0.5) ? 0.2 : 0,
    lostResponse: random.chance(0.5) ? 0.2 : 0,
    duplicate: random.chance(0.5) ? 0.2 : 0,
    maxDelay: random.pick([0, 5, 200]),
  }
  const first = createVirtualMachine({ seed: `${seed}/0` })
  const { time } = first
  const server = createMemoryServer({ runtime: first.tab() })
  const machines = [first, ...[1, 2].map((i) => createVirtualMachine({ seed: `${seed}/${i}`, time }))]
  const devices = machines.map((machine) => new Device({ seed, machine, server, weather, random }))
  await Promise.all(devices.map((device) => device.open()))
  for (let i = 0; i < 80; i++) {
    const device = random.pick(devices)
    const stepping = device.step(random)
    await time.advance(random.pick([0, 1, 5, 50, 300]))
    await stepping
    if (random.chance(0.05)) server.write('notes', { id: random.pick(IDS), text: 'foreign' })
    if (random.chance(0.02)) server.delete('notes', random.pick(IDS))
  }
  Object.assign(weather, { lostRequest: 0, lostResponse: 0, duplicate: 0, maxDelay: 1 })
  for (const device of devices) if (device.db === null) await device.open()
  await time.advance(20_000)
  const states = devices.map(({ db }) => db?.sync.status.getSnapshot())
  for (const state of states)
    expect(state).toMatchObject({ pending: 0, failed: 0, conflicts: 0, error: null })
  const digests = await Promise.all(devices.map(({ db }) => digest(db as Db)))
  expect(digests).toEqual(digests.map(() => serverDigest(server)))
  for (const { db } of devices) {
    const closing = db?.close()
    await time.advance(1)
    await closing
  }
}

const FIRST = Number(process.env.SEED ?? 0)
const COUNT = Number(process.env.SEEDS ?? 60)

test.each(Array.from({ length: COUNT }, (_, i) => FIRST + i))(
  'seed %i: replicas agree with the server after every fault has healed',
  async (seed) => {
    await history(seed)
  },
)
