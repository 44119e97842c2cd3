import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'

/** One browser of its own, with the page open. Everything is found as a person finds it: by role and label. */
export interface Device {
  readonly page: Page
  readonly rows: Locator
  readonly status: Locator
  readonly conflicts: Locator
  readonly failed: Locator
  row(name: string): Locator
  badge(name: string): Locator
  add(contact: { name: string; phone?: string; tags?: string }): Promise<void>
  edit(name: string, fields: Readonly<Record<string, string>>): Promise<void>
  remove(name: string): Promise<void>
  setOffline(isOffline: boolean): Promise<void>
  screenshot(name: string): Promise<void>
  close(): Promise<void>
}

const SHOTS = fileURLToPath(new URL('../../../test-output/contacts/', import.meta.url))

export async function openDevice(browser: Browser, url: string): Promise<Device> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 720 } })
  const page = await context.newPage()
  await page.goto(url)
  const row = (name: string) => page.locator('#list').getByRole('listitem', { name, exact: true })
  return {
    page,
    rows: page.locator('#list > li'),
    status: page.getByRole('status'),
    conflicts: page.getByRole('region', { name: 'Conflicts' }),
    failed: page.getByRole('region', { name: 'Refused by the server' }),
    row,
    badge: (name) => row(name).locator('.badge'),
    async add({ name, phone = '', tags = '' }) {
      const form = page.getByRole('form', { name: 'New contact' })
      await form.getByLabel('Name').fill(name)
      await form.getByLabel('Phone').fill(phone)
      await form.getByLabel('Tags').fill(tags)
      await form.getByRole('button', { name: 'Add' }).click()
    },
    async edit(name, fields) {
      await row(name).getByRole('button', { name: 'Edit' }).click()
      const form = page.getByRole('form', { name: `Edit ${name}` })
      for (const [label, value] of Object.entries(fields)) await form.getByLabel(label).fill(value)
      await form.getByRole('button', { name: 'Save' }).click()
    },
    remove: (name) => row(name).getByRole('button', { name: 'Delete' }).click(),
    setOffline: (isOffline) => page.getByLabel('Offline').setChecked(isOffline),
    async screenshot(name) {
      mkdirSync(SHOTS, { recursive: true })
      await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true })
    },
    close: () => context.close(),
  }
}
