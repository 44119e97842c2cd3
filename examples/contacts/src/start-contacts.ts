import { startDynamoDb, startSupabase } from '@holdfast/dev-backends'
import { buildPage } from './build-page.ts'
import { installTable, MIGRATION } from './install.ts'
import { servePage } from './site.ts'

export interface RunningContacts {
  readonly url: string
  /** Connection string of the database's superuser, for whoever plays another program. */
  readonly databaseUrl: string
  stop(): Promise<void>
}

/** The one user of the example. */
export const DEMO_USER = '6f1c0a52-7f5e-4d0b-9a53-0c8f5f1f2b11'

/** Starts both backends and the page on free ports of 127.0.0.1. What was started ends if a part fails. */
export async function startContacts(): Promise<RunningContacts> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const each of stops.reverse()) await each()
  }
  try {
    const [supabase, dynamoDb, files] = await Promise.all([
      startSupabase({ sql: MIGRATION }).then((started) => keep(stops, started)),
      startDynamoDb().then((started) => keep(stops, started)),
      buildPage(),
    ])
    await installTable(dynamoDb.endpoint)
    const site = await servePage({
      files,
      backends: { '/supabase': supabase.url, '/dynamodb': dynamoDb.endpoint },
      session: () => ({ user: DEMO_USER, token: supabase.token(DEMO_USER) }),
    })
    keep(stops, site)
    return { url: site.url, databaseUrl: supabase.databaseUrl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function keep<T extends { stop(): Promise<void> }>(stops: (() => Promise<void>)[], started: T): T {
  stops.push(() => started.stop())
  return started
}
