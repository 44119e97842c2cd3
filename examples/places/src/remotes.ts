import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoDb } from '@holdfast/adapter-dynamodb'
import { supabase } from '@holdfast/adapter-supabase'
import type { RemoteStore } from '@holdfast/core'
import { createClient } from '@supabase/supabase-js'

/** What a device must know to reach its remote; it can be told to another process. */
export type RemoteAccess =
  | { readonly kind: 'supabase'; readonly url: string; readonly token: string; readonly space: string }
  | { readonly kind: 'dynamodb'; readonly url: string; readonly tableName: string; readonly space: string }

/** The only place where the two backends differ for a device. */
export function connect(access: RemoteAccess): RemoteStore {
  switch (access.kind) {
    case 'supabase':
      return supabase({ client: supabaseClient(access), space: access.space })
    case 'dynamodb':
      return dynamoDb({
        client: dynamoDbClient(access.url),
        tableName: access.tableName,
        space: access.space,
      })
  }
}

function supabaseClient({ url, token }: { url: string; token: string }) {
  return createClient(url, token, { auth: { persistSession: false, autoRefreshToken: false } })
}

/** The embedded engine takes any region and any credentials. */
export function dynamoDbClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
    maxAttempts: 2,
  })
}
