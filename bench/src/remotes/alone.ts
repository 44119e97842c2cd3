import type { PushMutation, RemoteStore } from '../../../packages/core/src/index.ts'
import type { Contact } from '../contacts.ts'

const REPLICA = 'be'.repeat(8)
/** What the engine asks for in a page. */
const LIMIT = 5000

let stamps = 0

/** A revision and its timestamp, in the form that the engine gives them. */
export function nextStamp(): { rev: string; hlc: string } {
  const wall = Date.now().toString(16).padStart(12, '0')
  const hlc = `${wall}-${(stamps % 65_536).toString(16).padStart(4, '0')}-${REPLICA}`
  stamps++
  return { rev: hlc.slice(0, 18) + stamps.toString(16).padStart(16, '0'), hlc }
}

/** The remote without the engine: every page, one after the other. */
export async function pullAlone(remote: RemoteStore): Promise<readonly Contact[]> {
  const signal = new AbortController().signal
  const found: Contact[] = []
  let checkpoints: Readonly<Record<string, string | null>> = { contacts: null }
  let origin = null
  for (;;) {
    const ask = { checkpoints, origin, limit: LIMIT, replica: '0'.repeat(16), signal }
    const page = await remote.pull(ask)
    for (const { value } of page.changes) found.push(value as unknown as Contact)
    if (!page.hasMore) return found
    checkpoints = { ...checkpoints, ...page.checkpoints }
    origin = page.origin
  }
}

/** The remote without the engine: as many mutations in a push as it takes, one push after the other. */
export async function pushAlone(remote: RemoteStore, contacts: readonly Contact[]): Promise<void> {
  const { maxBatch } = remote.capabilities
  const signal = new AbortController().signal
  for (let from = 0; from < contacts.length; from += maxBatch) {
    const mutations = contacts.slice(from, from + maxBatch).map((contact): PushMutation => {
      const { rev: id, hlc } = nextStamp()
      const value = contact as unknown as PushMutation['value']
      return { id, hlc, collection: 'contacts', documentId: contact.id, base: null, value }
    })
    const { outcomes } = await remote.push({ mutations, replica: REPLICA, signal })
    const other = outcomes.find(({ kind }) => kind !== 'applied')
    if (other !== undefined) throw new Error(`A push alone met: ${other.kind}.`)
  }
}
