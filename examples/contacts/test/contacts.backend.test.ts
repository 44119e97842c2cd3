import { chromiumLaunch, runSql } from '@holdfast/dev-backends'
import { type Browser, chromium, type Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type RunningContacts, startContacts } from '../src/start-contacts.ts'
import { type Device, openDevice } from './device.ts'

let contacts: RunningContacts
let browser: Browser

beforeAll(async () => {
  contacts = await startContacts()
  browser = await chromium.launch(chromiumLaunch())
})

afterAll(async () => {
  await browser?.close()
  await contacts?.stop()
})

/** Long enough for a loaded machine: what is waited for is always something that shows. */
const PATIENCE = { timeout: 30_000, interval: 50 }

const seen = (locator: Locator) => expect.poll(() => locator.allInnerTexts(), PATIENCE)
const count = (locator: Locator) => expect.poll(() => locator.count(), PATIENCE)
const phone = ({ row }: Device, name: string) => row(name).locator('.phone')
const tags = ({ row }: Device, name: string) => row(name).locator('.tag')
const synced = (device: Device) => seen(device.status).toEqual([expect.stringMatching(/^Online\s+0 pending/)])
const pending = (device: Device, mutations: number) =>
  seen(device.status).toEqual([expect.stringContaining(`${mutations} pending`)])

describe.each([
  { backend: 'supabase', title: 'Supabase' },
  { backend: 'dynamodb', title: 'DynamoDB' },
])('two devices on $title', ({ backend, title }) => {
  let a: Device
  let b: Device

  beforeEach(async () => {
    ;[a, b] = await Promise.all([openDevice(browser, contacts.url), openDevice(browser, contacts.url)])
    for (const { page } of [a, b]) {
      await page.getByLabel('Backend').selectOption(title)
      await expect.poll(() => page.locator('html').getAttribute('data-backend'), PATIENCE).toBe(backend)
    }
  })

  afterEach(async () => {
    await Promise.all([a?.close(), b?.close()])
  })

  /** A contact that both devices have, and nothing pending. */
  async function share(name: string, fields: { phone?: string; tags?: string } = {}): Promise<void> {
    await a.add({ name, ...fields })
    await seen(b.badge(name)).toEqual(['Synced'])
    await seen(a.badge(name)).toEqual(['Synced'])
  }

  async function bothOffline(isOffline: boolean): Promise<void> {
    for (const device of [a, b]) await device.setOffline(isOffline)
  }

  test('what one adds, the other sees', async () => {
    await a.add({ name: 'Ada Lovelace', phone: '1815', tags: 'math, engine' })
    await seen(b.row('Ada Lovelace').locator('strong')).toEqual(['Ada Lovelace'])
    await seen(phone(b, 'Ada Lovelace')).toEqual(['1815'])
    await seen(tags(b, 'Ada Lovelace')).toEqual(['math', 'engine'])
    await b.remove('Ada Lovelace')
    await count(a.row('Ada Lovelace')).toBe(0)
  })

  test('edits of different fields, made offline, merge on both', async () => {
    await share('Grace Hopper', { phone: '1906' })
    await bothOffline(true)
    await a.edit('Grace Hopper', { Phone: '1992' })
    await b.edit('Grace Hopper', { Tags: 'navy' })
    await bothOffline(false)
    for (const device of [a, b]) {
      await seen(phone(device, 'Grace Hopper')).toEqual(['1992'])
      await seen(tags(device, 'Grace Hopper')).toEqual(['navy'])
      await synced(device)
    }
  })

  test('edits of the same field show both sides, until a click settles them on both devices', async () => {
    await share('Alan Turing', { phone: '1912', tags: 'logic' })
    await bothOffline(true)
    await a.edit('Alan Turing', { Phone: '1936', Tags: 'logic, machines' })
    await b.edit('Alan Turing', { Phone: '1954' })
    await a.setOffline(false)
    await synced(a)
    await b.setOffline(false)
    await seen(b.badge('Alan Turing')).toEqual(['Conflict'])
    const card = b.conflicts.getByRole('listitem', { name: 'Alan Turing' })
    await seen(card.getByRole('row', { name: 'phone' }).getByRole('cell')).toEqual(['1954', '1936'])
    await b.screenshot(`${backend}-conflict`)
    await card.getByRole('button', { name: 'Keep mine' }).click()
    for (const device of [a, b]) {
      await seen(phone(device, 'Alan Turing')).toEqual(['1954'])
      await seen(tags(device, 'Alan Turing')).toEqual(['logic', 'machines'])
      await synced(device)
      await count(device.conflicts.getByRole('listitem')).toBe(0)
    }
  })

  test('a conflict can be settled for the other side too', async () => {
    await share('Emmy Noether', { phone: '1882' })
    await bothOffline(true)
    await a.edit('Emmy Noether', { Phone: '1915' })
    await b.edit('Emmy Noether', { Phone: '1935' })
    await a.setOffline(false)
    await synced(a)
    await b.setOffline(false)
    await b.conflicts.getByRole('button', { name: 'Take theirs' }).click()
    for (const device of [a, b]) {
      await seen(phone(device, 'Emmy Noether')).toEqual(['1915'])
      await synced(device)
    }
  })

  test('a deletion against an edit is asked about, and the edit can be kept', async () => {
    await share('Konrad Zuse', { phone: '1910' })
    await bothOffline(true)
    await a.remove('Konrad Zuse')
    await b.edit('Konrad Zuse', { Phone: '1941' })
    await a.setOffline(false)
    await synced(a)
    await b.setOffline(false)
    const card = b.conflicts.getByRole('listitem', { name: 'Konrad Zuse' })
    await seen(card.getByRole('row', { name: 'phone' }).getByRole('cell')).toEqual(['1941', 'deleted'])
    await card.getByRole('button', { name: 'Keep mine' }).click()
    for (const device of [a, b]) {
      await seen(phone(device, 'Konrad Zuse')).toEqual(['1941'])
      await synced(device)
    }
  })

  test('work done offline is counted, outlives a reload, and is sent when the network is back', async () => {
    await share('Ada King', { phone: '1' })
    const before = await a.rows.count()
    await a.setOffline(true)
    await a.add({ name: 'Edsger Dijkstra', phone: '1930' })
    await a.add({ name: 'Barbara Liskov', phone: '1939' })
    await a.edit('Ada King', { Phone: '2' })
    await pending(a, 3)
    await a.page.reload()
    await count(a.rows).toBe(before + 2)
    await seen(phone(a, 'Ada King')).toEqual(['2'])
    await seen(a.badge('Barbara Liskov')).toEqual(['Pending'])
    await seen(a.status).toEqual([expect.stringMatching(/^Offline\s+3 pending/)])
    await a.screenshot(`${backend}-offline`)
    await count(b.row('Edsger Dijkstra')).toBe(0)
    await a.setOffline(false)
    await synced(a)
    await seen(b.badge('Edsger Dijkstra')).toEqual(['Synced'])
    await seen(phone(b, 'Ada King')).toEqual(['2'])
    await b.screenshot(`${backend}-synced`)
  })

  test('what is on its way is shown so', async () => {
    // Nothing is sent before the first page was read, and that would be held too.
    await share('Tony Hoare')
    const held = Promise.withResolvers<void>()
    await a.page.route(`**/${backend}/**`, async (route) => {
      await held.promise
      await route.continue()
    })
    await a.add({ name: 'Donald Knuth' })
    await seen(a.badge('Donald Knuth')).toEqual(['In flight'])
    held.resolve()
    await seen(a.badge('Donald Knuth')).toEqual(['Synced'])
    await a.page.unrouteAll({ behavior: 'wait' })
  })
})

test('what the server refuses stays, with its reason, until it is mended or discarded', async () => {
  const device = await openDevice(browser, contacts.url)
  onTestFinished(() => device.close())
  await device.add({ name: 'Joan Clarke', phone: '1917' })
  await device.add({ name: 'Hedy Lamarr', phone: '1914' })
  await synced(device)
  await device.edit('Joan Clarke', { Phone: 'none' })
  await device.edit('Hedy Lamarr', { Phone: 'none' })
  const card = (name: string) => device.failed.getByRole('listitem', { name })
  for (const name of ['Joan Clarke', 'Hedy Lamarr']) {
    await seen(card(name).locator('.reason')).toEqual([expect.stringContaining('phone_without_letters')])
    await seen(phone(device, name)).toEqual(['none'])
    await seen(device.badge(name)).toEqual(['Failed'])
  }
  await device.screenshot('supabase-failed')
  await device.edit('Joan Clarke', { Phone: '1942' })
  await card('Hedy Lamarr').getByRole('button', { name: 'Discard' }).click()
  await seen(phone(device, 'Joan Clarke')).toEqual(['1942'])
  await seen(phone(device, 'Hedy Lamarr')).toEqual(['1914'])
  await synced(device)
  await count(device.failed.getByRole('listitem')).toBe(0)
})

test('a plain SQL update by another program reaches the device', async () => {
  const device = await openDevice(browser, contacts.url)
  onTestFinished(() => device.close())
  await device.add({ name: 'Mary Somerville', phone: '1780' })
  await synced(device)
  await runSql(contacts.databaseUrl, "update contacts set phone = '1872' where name = 'Mary Somerville'")
  await seen(phone(device, 'Mary Somerville')).toEqual(['1872'])
  await seen(device.badge('Mary Somerville')).toEqual(['Synced'])
})
