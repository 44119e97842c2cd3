import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSupabase } from '@holdfast/dev-backends'
import { killBrowserRepeatedly } from '@holdfast/dev-kill'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { MIGRATION } from '../src/install.ts'
import type { Contact } from '../src/page/contact.ts'
import { DEMO_USER } from '../src/start-contacts.ts'

/** Every effect on the table, as the table saw it. */
const AUDIT = `
create table audit (effect text not null);
create function note() returns trigger language plpgsql security definer as $$
begin
  insert into public.audit values (tg_op || ' ' || coalesce(new.id, old.id) || ' ' || coalesce(new.phone, ''));
  return null;
end $$;
create trigger note after insert or update or delete on contacts for each row execute function note();
`

/** What came of the kills of one device with a server of its own; null: the browser dropped its databases itself. */
async function killDevice() {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
  onTestFinished(() => rmSync(profile, { recursive: true, force: true }))
  const server = await startSupabase({ sql: MIGRATION + AUDIT })
  onTestFinished(() => server.stop())
  const database = new pg.Client({ connectionString: server.databaseUrl })
  await database.connect()
  onTestFinished(() => database.end())
  const rows = async <Row>(sql: string) => (await database.query(sql)).rows as Row[]

  let onDevice: readonly Contact[] = []
  let effectsBeforeDrain = 0
  const kills = await killBrowserRepeatedly({
    entry: new URL('./kill-page.ts', import.meta.url),
    settings: { url: server.url, user: DEMO_USER, token: server.token(DEMO_USER) },
    profile,
    kills: 20,
    seed: 41_077,
    withinMs: 500,
    batchesALife: { upTo: 25 },
    endsWhenDropped: true,
    async finish(page) {
      effectsBeforeDrain = (await rows('select from audit')).length
      onDevice = await page.evaluate(() => globalThis.drain())
    },
  })
  if (kills.dropped > 0) return null
  const atServer = await rows<Contact>('select id, name, phone, tags from contacts')
  const twice = await rows('select effect from audit group by effect having count(*) > 1')
  return { ...kills, onDevice, effectsBeforeDrain, atServer, twice }
}

test('over 20 kills of the browser in mid-sync no acknowledged write is lost and none takes effect twice', {
  // Chromium starts 21 times, and again where it dropped its databases itself.
  timeout: 300_000,
}, async () => {
  const seen = (await killDevice()) ?? (await killDevice())
  if (seen === null) throw new Error('The browser dropped its databases, twice: nothing was seen.')
  const { lost, torn, batches, onDevice, effectsBeforeDrain, atServer, twice } = seen
  expect({ lost, torn }).toEqual({ lost: 0, torn: [] })
  expect(batches).toBeGreaterThan(200)
  expect(effectsBeforeDrain).toBeGreaterThan(100)
  expect(byId(onDevice)).toEqual(byId(atServer))
  expect(twice).toEqual([])
})

function byId(contacts: readonly Contact[]): Contact[] {
  return contacts.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
