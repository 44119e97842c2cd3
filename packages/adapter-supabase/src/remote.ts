import type { RemoteStore } from '@holdfast/core'
import type { SupabaseClientLike } from './client.ts'
import { MAX_BATCH, MAX_BATCH_BYTES, MAX_DOCUMENT_BYTES } from './limits.ts'
import { namesFrom } from './names.ts'
import { watch } from './pokes.ts'
import { pull } from './pull.ts'
import { Pusher } from './push.ts'

export interface SupabaseOptions {
  /** A client of supabase-js, signed in as the user whose documents are synced. */
  readonly client: SupabaseClientLike
  /** Whose documents these are, the user's id for example: checkpoints are not shared between spaces. */
  readonly space?: string
  /** Tables by collection, `contacts` or `crm.contacts`; without an entry, the table of the same name in `public`. */
  readonly tables?: Readonly<Record<string, string>>
}

/**
 * The tables of a Supabase project, or of any PostgreSQL behind PostgREST, as a remote. Needs the
 * migration of `@holdfast/adapter-supabase/install`; row level security decides who sees what.
 */
export function supabase({ client, space, tables = {} }: SupabaseOptions): RemoteStore {
  const names = namesFrom(tables)
  const pusher = new Pusher(client, names)
  const suffix = space === undefined ? '' : `/${space}`
  const schemas = [...new Set(['public', ...Object.values(tables).flatMap(schemaOf)])]
  const stops = new Set<() => void>()
  const hasPokes = client.channel !== undefined
  return {
    specVersion: 1,
    name: 'supabase',
    capabilities: {
      maxBatch: MAX_BATCH,
      maxBatchBytes: MAX_BATCH_BYTES,
      maxDocumentBytes: MAX_DOCUMENT_BYTES,
      atomicGroups: MAX_BATCH,
      pokes: hasPokes,
    },
    pull: (request) => pull(request, { client, names, suffix }),
    push: (request) => pusher.push(request),
    prepare: (mutations) => pusher.prepare(mutations),
    ...(hasPokes
      ? {
          subscribe: (poke: () => void) => {
            const stopWatching = watch(client, schemas, poke)
            const stop = () => {
              if (stops.delete(stop)) stopWatching()
            }
            stops.add(stop)
            return stop
          },
        }
      : {}),
    close: async () => {
      for (const stop of [...stops]) stop()
    },
  }
}

function schemaOf(table: string): string[] {
  const dot = table.indexOf('.')
  return dot < 0 ? [] : [table.slice(0, dot)]
}
