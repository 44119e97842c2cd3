import { type Contact, contactOf, contactsFrom, type Digest, digestOf, idOf, tagOf } from '../contacts.ts'
import type { Contestant, Link, Replica } from '../contestants/contestant.ts'
import { percentile } from '../percentile.ts'

export interface Latency {
  readonly p50: number
  readonly p99: number
}

/** What the driver can ask of a page; all times in ms, measured in the page. */
export interface PageSteps {
  open(link: Link): Promise<void>
  /** Opens, asks one query, reads how much waits to be sent. */
  coldStart(link: Link): Promise<{ query: number; state: number | null }>
  putEach(of: { first: number; count: number }): Promise<number>
  putAtOnce(of: { first: number; writers: number; each: number }): Promise<number>
  /** Makes the documents of the next `putMany`. */
  make(of: { first: number; count: number }): Promise<void>
  putMany(of: null): Promise<number>
  /** Until the last document is queryable and durable. */
  pull(): Promise<number>
  push(): Promise<number>
  gets(of: { stored: number; forMs: number }): Promise<number>
  queries(of: { stored: number; forMs: number }): Promise<number>
  observed(of: { stored: number; updates: number }): Promise<{ observer: Latency; both: Latency }>
  digest(): Promise<Digest & { pending: number | null }>
}

declare global {
  var bench: PageSteps
}

export function installPage(contestant: Contestant): void {
  let replica: Replica
  let made: readonly Contact[] = []
  const timed = async (run: () => Promise<unknown>): Promise<number> => {
    const began = performance.now()
    await run()
    return performance.now() - began
  }
  globalThis.bench = {
    async open(link) {
      replica = await contestant.open(link)
    },
    async coldStart(link) {
      const began = performance.now()
      replica = await contestant.open(link)
      const found = await replica.topOf(tagOf(7))
      const query = performance.now() - began
      if (found.length === 0) throw new Error('The first query found nothing.')
      const pending = await replica.pending()
      return { query, state: pending === null ? null : performance.now() - began }
    },
    putEach: ({ first, count }) =>
      timed(async () => {
        for (let number = first; number < first + count; number++) await replica.put(contactOf(number))
      }),
    putAtOnce: ({ first, writers, each }) =>
      timed(async () => {
        const write = async (writer: number) => {
          const from = first + writer * each
          for (let number = from; number < from + each; number++) await replica.put(contactOf(number))
        }
        await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
      }),
    async make({ first, count }) {
      made = contactsFrom(first, count)
    },
    putMany: () => timed(() => replica.putMany(made)),
    pull: () =>
      timed(async () => {
        await replica.pull()
        if ((await replica.topOf(tagOf(7))).length === 0)
          throw new Error('The pull brought nothing to query.')
      }),
    push: () => timed(() => replica.push()),
    async gets({ stored, forMs }) {
      return perSecond(forMs, async (turn) => {
        const id = idOf((turn * 7919) % stored)
        const found = await replica.get(id)
        if (found?.id !== id) throw new Error(`get found ${found?.id}, not ${id}.`)
      })
    },
    async queries({ stored, forMs }) {
      return perSecond(forMs, async (turn) => {
        const { name } = contactOf(((turn * 7919) % stored) >> 1)
        const found = await replica.following(name)
        if (found.length > 50 || (found[0] as Contact).name < name) throw new Error(`wrong answer: ${name}`)
      })
    },
    observed: (of) => observed(replica, of),
    async digest() {
      return { ...digestOf(await replica.all()), pending: await replica.pending() }
    },
  }
}

async function perSecond(forMs: number, run: (turn: number) => Promise<void>): Promise<number> {
  for (let turn = 0; turn < 3; turn++) await run(turn)
  const began = performance.now()
  let turns = 0
  let now = began
  while (now - began < forMs) {
    for (let some = 0; some < 4; some++) await run(turns++)
    now = performance.now()
  }
  return (turns * 1000) / (now - began)
}

/** Changes that all show in the window: each is waited for, by the observer and by the disk. */
async function observed(
  replica: Replica,
  { stored, updates }: { stored: number; updates: number },
): Promise<{ observer: Latency; both: Latency }> {
  const tag = tagOf(7)
  let expected: { id: string; version: number; seen: () => void } | null = null
  const stop = await replica.observe(tag, (contacts) => {
    const hit = contacts.find(({ id }) => id === expected?.id)
    if (expected !== null && hit?.version === expected.version) expected.seen()
  })
  const top = await replica.topOf(tag)
  if (top.length === 0) throw new Error(`There is nothing to observe in ${stored}.`)
  const shown: number[] = []
  const both: number[] = []
  for (let turn = 0; turn < updates; turn++) {
    const contact = { ...(top[turn % top.length] as Contact), version: turn + 1 }
    let shownAt = 0
    const seen = new Promise<void>((resolve) => {
      expected = {
        id: contact.id,
        version: contact.version,
        seen: () => {
          shownAt = performance.now()
          expected = null
          resolve()
        },
      }
    })
    const began = performance.now()
    await Promise.all([replica.put(contact), seen])
    both.push(performance.now() - began)
    shown.push(shownAt - began)
  }
  stop()
  return { observer: latency(shown), both: latency(both) }
}

function latency(times: number[]): Latency {
  return { p50: percentile(times, 50), p99: percentile(times, 99) }
}
