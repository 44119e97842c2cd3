import { supabase } from '@holdfast/adapter-supabase'
import { systemRuntime } from '@holdfast/core'
import { PostgrestClient } from '@supabase/postgrest-js'
import type { Contact } from '../src/page/contact.ts'
import { type ContactsDatabase, openContacts } from '../src/page/database.ts'
import { deletedWith, expectedNumbers, type Found } from './kill-plan.ts'

declare global {
  /** Sends what waits, and tells what this device then has. */
  var drain: () => Promise<readonly Contact[]>
}

const WRITERS = ['x', 'y']
const settings = new URLSearchParams(location.search)
const counterOf = (writer: string) => `counter-${writer}`
const nameOf = (writer: string, batch: number) => `${writer} ${batch}`

function open(): Promise<ContactsDatabase> {
  const headers = { authorization: `Bearer ${settings.get('token')}` }
  const client = new PostgrestClient(settings.get('url') ?? '', { headers })
  const user = settings.get('user') ?? ''
  return openContacts({
    name: 'killed',
    user,
    remote: supabase({ client, space: user }),
    runtime: systemRuntime(),
  })
}

/** Each batch is one transaction: a new contact, the writer's counter, and now and then a deletion. */
async function write(
  db: ContactsDatabase,
  writer: string,
  report: (writer: string, batch: number) => unknown,
) {
  const id = counterOf(writer)
  for (let batch = (await standOf(db, writer)) + 1; ; batch++) {
    await db.transact(async ({ contacts }) => {
      await contacts.insert({ name: nameOf(writer, batch), phone: '', tags: [] })
      if ((await contacts.get(id)) === undefined)
        await contacts.insert({ id, name: id, phone: '1', tags: [] })
      else await contacts.update(id, { phone: String(batch) })
      const [old] = await db.contacts.find({ where: { name: nameOf(writer, deletedWith(batch)) } })
      if (old !== undefined) await contacts.delete(old.id)
    })
    await report(writer, batch)
  }
}

async function standOf(db: ContactsDatabase, writer: string): Promise<number> {
  return Number((await db.contacts.get(counterOf(writer)))?.phone ?? 0)
}

async function find(db: ContactsDatabase, writer: string): Promise<Found> {
  const contacts = await db.contacts.find()
  const prefix = nameOf(writer, 0).slice(0, -1)
  const names = contacts.map(({ name }) => name).filter((name) => name.startsWith(prefix))
  return {
    stand: await standOf(db, writer),
    numbers: names.map((name) => Number(name.slice(prefix.length))).toSorted((a, b) => a - b),
  }
}

globalThis.killTarget = {
  async run(report) {
    const db = await open()
    db.sync.start()
    await Promise.all(WRITERS.map((writer) => write(db, writer, report)))
  },
  async check(acknowledged) {
    const db = await open()
    let lost = 0
    const torn: string[] = []
    for (const writer of WRITERS) {
      const { stand, numbers } = await find(db, writer)
      lost += Math.max(0, (acknowledged[writer] ?? 0) - stand)
      if (JSON.stringify(numbers) !== JSON.stringify(expectedNumbers(stand))) {
        torn.push(`writer ${writer} stands at ${stand} and has ${numbers.join(' ')}`)
      }
    }
    await db.close()
    return { lost, torn }
  },
}

globalThis.drain = async () => {
  const db = await open()
  for (let round = 0; round < 20 && db.sync.status.getSnapshot().pending > 0; round++) await db.sync.now()
  const { pending, failed, conflicts } = db.sync.status.getSnapshot()
  if (pending > 0) throw new Error(`Still ${pending} pending, ${failed} failed, ${conflicts} in conflict.`)
  await db.sync.now()
  const contacts = await db.contacts.find()
  await db.close()
  return contacts
}
