import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { installDynamoDb } from '@holdfast/adapter-dynamodb'
import { supabaseMigration } from '@holdfast/adapter-supabase/install'
import { TABLE_NAME } from './page/dynamodb-table.ts'

/**
 * An ordinary table with its own rules. `owner` is filled in by the database and kept from clients;
 * row level security shows each user their own rows.
 */
const TABLE = `
create table contacts (
  id text primary key,
  name text not null,
  phone text not null default '' constraint phone_without_letters check (phone !~ '[[:alpha:]]'),
  tags text[] not null default '{}',
  owner uuid not null default auth.uid()
);
alter table contacts enable row level security;
create policy own on contacts to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
`

export const MIGRATION = TABLE + supabaseMigration({ tables: [{ name: 'contacts', omit: ['owner'] }] })

export async function installTable(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'installer', secretAccessKey: 'installer' },
  })
  try {
    await installDynamoDb(client, { tableName: TABLE_NAME })
  } finally {
    client.destroy()
  }
}
