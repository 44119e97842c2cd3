import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { supabaseMigration } from './install.ts'

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('./cli.ts', import.meta.url)), ...args], {
    encoding: 'utf8',
  })

test('the command prints the migration and nothing else', () => {
  const { stdout, status } = cli(
    'contacts',
    'crm.deals',
    '--omit',
    'contacts.salary',
    '--role',
    'authenticated',
  )
  expect(status).toBe(0)
  expect(stdout).toBe(
    supabaseMigration({
      tables: [
        { name: 'contacts', omit: ['salary'] },
        { name: 'crm.deals', omit: [] },
      ],
      roles: ['authenticated'],
    }),
  )
  expect(stdout).toContain(
    `select holdfast.install_table('"public"."contacts"'::regclass, array['salary']::text[]);`,
  )
})

test('without a table the command says how to be used', () => {
  const { stderr, status } = cli()
  expect(status).not.toBe(0)
  expect(stderr).toContain('tables')
  expect(cli('--help').stdout).toContain('Usage: holdfast-supabase')
})

test('names are quoted, whatever is in them', () => {
  const sql = supabaseMigration({ tables: [`a"b'c`] })
  expect(sql).toContain(`holdfast.install_table('"public"."a""b''c"'::regclass);`)
})
