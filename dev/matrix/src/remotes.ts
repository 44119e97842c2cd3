import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoDb } from '@holdfast/adapter-dynamodb'
import { supabase } from '@holdfast/adapter-supabase'
import type { RemoteStore } from '@holdfast/core'
import { createMemoryServer, memoryRemote } from '@holdfast/core/memory'
import { createClient } from '@supabase/supabase-js'

/** Where the backends are: given to Node and to the browser alike. */
export interface Backends {
  readonly supabase: { readonly url: string; readonly token: string }
  readonly dynamoDb: { readonly endpoint: string; readonly tableName: string }
}

export const REMOTES = ['memory', 'supabase', 'dynamodb'] as const
export type RemoteName = (typeof REMOTES)[number]

/** Each call of what it returns makes a client of the same, otherwise unused, space. */
export function remoteOf(name: RemoteName, space: string, backends: Backends): () => RemoteStore {
  if (name === 'memory') {
    const server = createMemoryServer()
    return () => memoryRemote({ server })
  }
  if (name === 'supabase') {
    const client = supabaseClient(backends)
    return () => supabase({ client })
  }
  const client = new DynamoDBClient({
    endpoint: backends.dynamoDb.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  return () => dynamoDb({ client, tableName: backends.dynamoDb.tableName, space })
}

/** PostgREST stands at the root here, and not behind a gateway's path. */
function supabaseClient({ supabase: { url, token } }: Backends) {
  return createClient(url, token, {
    global: { fetch: (input, init) => fetch(String(input).replace('/rest/v1/', '/'), init) },
    auth: { persistSession: false, autoRefreshToken: false },
  })
}
