import type { Contact } from '../contacts.ts'

export interface PlainPage {
  readonly contacts: readonly Contact[]
  readonly next: number
  readonly hasMore: boolean
}

export async function fetchContacts(since: number, limit: number): Promise<PlainPage> {
  const response = await fetch(`/pull?form=plain&since=${since}&limit=${limit}`)
  return (await response.json()) as PlainPage
}

export async function sendContacts(contacts: readonly Contact[]): Promise<void> {
  const response = await fetch('/push?form=plain', { method: 'POST', body: JSON.stringify(contacts) })
  const { taken } = (await response.json()) as { taken: number }
  if (taken !== contacts.length) throw new Error(`The server took ${taken} of ${contacts.length}.`)
}
