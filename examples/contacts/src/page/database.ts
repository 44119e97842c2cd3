import { indexedDb } from '@holdfast/adapter-indexeddb'
import {
  askUser,
  collection,
  createHoldfast,
  type RemoteStore,
  type Runtime,
  threeWay,
  tokens,
} from '@holdfast/core'
import type { Contact } from './contact.ts'

export interface ContactsOptions {
  /** Each backend has a local database of its own. */
  readonly name: string
  readonly user: string
  readonly remote: RemoteStore
  readonly runtime: Runtime
  readonly refreshAuth?: () => Promise<void>
}

/** The application's database: the same for every backend. */
export function openContacts({ remote, runtime, ...rest }: ContactsOptions) {
  return createHoldfast({
    ...rest,
    local: indexedDb(),
    remote,
    collections: {
      contacts: collection<Contact>({
        // Fields that one side changed merge; one that both changed is for a person to settle.
        conflict: threeWay(askUser('changed on both sides')),
        deletes: 'ask',
        indexes: ['name'],
      }),
    },
    // No server of the example tells of changes, so the page asks often.
    schedule: { activeInterval: 1_000 },
    parts: (container) => container.set({ id: tokens.RUNTIME, value: runtime }),
  })
}

export type ContactsDatabase = Awaited<ReturnType<typeof openContacts>>
