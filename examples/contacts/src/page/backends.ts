import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoDb } from '@holdfast/adapter-dynamodb'
import { supabase } from '@holdfast/adapter-supabase'
import type { RemoteStore } from '@holdfast/core'
import { PostgrestClient } from '@supabase/postgrest-js'
import { TABLE_NAME } from './dynamodb-table.ts'
import type { Session } from './session.ts'

export const BACKENDS = ['supabase', 'dynamodb'] as const
export type Backend = (typeof BACKENDS)[number]

/** The one place that knows which backend is used. */
export function remoteOf(backend: Backend, session: Session): RemoteStore {
  return backend === 'supabase' ? supabaseRemote(session) : dynamoDbRemote(session)
}

/** The table's API needs no more of supabase-js than this part. The token is put on when a request is sent. */
function supabaseRemote(session: Session): RemoteStore {
  const client = new PostgrestClient(`${location.origin}/supabase`, {
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('authorization', `Bearer ${await session.token()}`)
      return fetch(input, { ...init, headers })
    },
  })
  return supabase({ client, space: session.user })
}

function dynamoDbRemote({ user }: Session): RemoteStore {
  const client = new DynamoDBClient({
    endpoint: `${location.origin}/dynamodb`,
    region: 'local',
    // The embedded engine takes any. An application passes its provider, Cognito's for example.
    credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
    maxAttempts: 2,
  })
  return dynamoDb({ client, tableName: TABLE_NAME, space: user })
}
