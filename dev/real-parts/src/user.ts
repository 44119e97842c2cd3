import type { Write } from './book.ts'
import type { Device } from './device.ts'
import type { Random } from './random.ts'
import { COLLECTIONS, type CollectionName, type Note } from './site.ts'

const SHARED = 6
const OWN = 2
const FIELD_SETS = [['text'], ['body'], ['n'], ['text', 'n'], ['text', 'body', 'n']] as const
const PACES = [0, 0, 1, 5, 20]

/** Who uses a device: random writes, and everything that happens to a device, by seed. */
export class User {
  readonly device: Device
  /** What the documents that nobody else writes must be, by `collection/id`; null: deleted. */
  readonly own = new Map<string, Note | null>()
  /** Documents that the server is bound to refuse, and those that share a group with one. */
  readonly refused = new Set<string>()
  readonly partners = new Set<string>()
  readonly #random: Random

  constructor(device: Device, random: Random) {
    this.device = device
    this.#random = random
  }

  async step(): Promise<void> {
    const random = this.#random
    const dice = random.unit()
    await pause(random.pick(PACES))
    if (this.device.db === null) return this.#reopen()
    if (dice < 0.42) return this.#write(this.#sharedId(), random.pick(COLLECTIONS))
    if (dice < 0.5) return this.#together()
    if (dice < 0.68) return this.#writeOwn()
    if (dice < 0.71) return this.#poison()
    if (dice < 0.75) return this.device.crash()
    if (dice < 0.78) return this.#dieWriting()
    if (dice < 0.86) return this.device.machine.plug(!this.device.machine.isOnline)
    if (dice < 0.9) return this.#part()
    if (dice < 0.93) return void (await this.device.db.sync.optimize().catch(() => undefined))
    this.device.db.sync.now().catch(() => undefined)
  }

  async #reopen(): Promise<void> {
    await this.device.open()
    await this.checkOwn()
  }

  /** What is read here is what was written here, whatever happened meanwhile. */
  async checkOwn(): Promise<void> {
    const { db } = this.device
    for (const [key, value] of this.own) {
      const [name, id] = split(key)
      const seen = (await db?.[name].get(id)) ?? null
      if (!isSame(seen, value))
        throw new Error(`${key} reads ${JSON.stringify(seen)}, was ${JSON.stringify(value)}`)
    }
  }

  #sharedId(): string {
    return `${this.device.parts.site.prefix}d${this.#random.below(SHARED)}`
  }

  #ownId(): string {
    return `${this.device.parts.site.prefix}p${this.device.parts.client}.${this.#random.below(OWN)}`
  }

  #newFields(): Omit<Note, 'id'> {
    return this.device.parts.book.fields(this.device.parts.client, this.#random.pick(FIELD_SETS))
  }

  #note(kind: Write['kind'], collection: CollectionName, at: { id: string; seen: Note | undefined }): Write {
    const fields = kind === 'delete' ? {} : this.#newFields()
    return this.device.parts.book.note({ client: this.device.parts.client, kind, collection, fields, ...at })
  }

  async #write(id: string, name: CollectionName): Promise<void> {
    const seen = await this.device.db?.[name].get(id)
    const dice = this.#random.unit()
    const kind = seen === undefined || dice < 0.35 ? 'put' : dice < 0.85 ? 'update' : 'delete'
    const write = this.#note(kind, name, { id, seen })
    write.isAcknowledged = await this.device.attempt(async (db) => {
      if (kind === 'put') await db[name].put({ id, ...write.fields })
      else if (kind === 'update') await db[name].update(id, write.fields)
      else await db[name].delete(id)
    })
  }

  async #together(): Promise<void> {
    const ids = new Set([this.#sharedId(), this.#sharedId(), this.#sharedId()])
    const writes = [...ids].map((id) =>
      this.#note('put', this.#random.pick(COLLECTIONS), { id, seen: undefined }),
    )
    const isDone = await this.device.attempt((db) =>
      db.transact(async (tx) => {
        for (const { collection, id, fields } of writes) await tx[collection].put({ id, ...fields })
      }),
    )
    for (const write of writes) write.isAcknowledged = isDone
  }

  async #writeOwn(): Promise<void> {
    const id = this.#ownId()
    const name = this.#random.pick(COLLECTIONS)
    const { writes } = this.device.parts.book
    const from = writes.length
    await this.#write(id, name)
    for (const write of writes.slice(from)) if (write.id === id) this.#remember(write)
    await this.checkOwn()
  }

  #remember({ kind, collection, id, fields, isAcknowledged }: Write): void {
    const key = `${collection}/${id}`
    if (!isAcknowledged) throw new Error(`${key}: a write of the client's own document was refused`)
    const before = this.own.get(key)
    if (kind === 'delete') this.own.set(key, null)
    else this.own.set(key, kind === 'put' ? { id, ...fields } : { ...before, id, ...fields })
  }

  /** A document that the server refuses for good; at times together with one that it would take. */
  async #poison(): Promise<void> {
    const { site, client } = this.device.parts
    const id = `${site.prefix}x${client}`
    const partner = this.#random.chance(0.4)
      ? this.#note('put', 'tasks', { id: this.#ownId(), seen: undefined })
      : null
    this.refused.add(`notes/${id}`)
    if (partner !== null) this.partners.add(`tasks/${partner.id}`)
    const isDone = await this.device.attempt((db) =>
      db.transact(async (tx) => {
        await tx.notes.put({ id, ...site.poison.fields })
        if (partner !== null) await tx.tasks.put({ id: partner.id, ...partner.fields })
      }),
    )
    if (partner === null) return
    partner.isAcknowledged = isDone
    this.#remember(partner)
  }

  /** The write may or may not be durable: it was not acknowledged. */
  async #dieWriting(): Promise<void> {
    const writing = this.#write(this.#sharedId(), 'notes')
    await Promise.resolve()
    await Promise.resolve()
    this.device.crash()
    await writing
  }

  #part(): void {
    const { weather, client } = this.device.parts
    weather.part(client, this.#random.pick(['requests', 'answers', 'none', 'none']))
  }
}

export function isSame(a: object | null, b: object | null): boolean {
  if (a === null || b === null) return a === b
  const text = (value: object) => JSON.stringify(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
  return text(a) === text(b)
}

export function split(key: string): [CollectionName, string] {
  const at = key.indexOf('/')
  return [key.slice(0, at) as CollectionName, key.slice(at + 1)]
}

/** Time between two things that a user does. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
