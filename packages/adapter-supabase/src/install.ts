import { readdirSync, readFileSync } from 'node:fs'

export interface MigrationOptions {
  /** Tables to sync, `contacts` or `crm.contacts`. */
  readonly tables: readonly (string | SyncedTable)[]
  /** Database roles that may sync. */
  readonly roles?: readonly string[]
}

export interface SyncedTable {
  readonly name: string
  /** Columns that no client sees or writes. */
  readonly omit?: readonly string[]
}

const SQL = new URL('./sql/', import.meta.url)
const ROLES = ['authenticated', 'service_role']

/**
 * The SQL that makes `tables` syncable: to be run as their owner, in one transaction. Running it
 * again is safe, and is needed after ALTER TABLE or a change of row level security on one of them.
 */
export function supabaseMigration({ tables, roles = ROLES }: MigrationOptions): string {
  const parts = readdirSync(SQL)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => readFileSync(new URL(name, SQL), 'utf8'))
  const installs = tables.map((table) => {
    const { name, omit } = typeof table === 'string' ? { name: table, omit: undefined } : table
    const omitted = omit === undefined ? '' : `, ${textArray(omit)}`
    return `select holdfast.install_table(${quoted(qualifiedName(name))}::regclass${omitted});`
  })
  return [
    'begin;',
    ...parts,
    ...installs,
    `select holdfast.build_dispatch();`,
    `select holdfast.grant_access(${textArray(roles)});`,
    `notify pgrst, 'reload schema';`,
    'commit;',
    '',
  ].join('\n')
}

function qualifiedName(name: string): string {
  const parts = name.includes('.') ? name.split('.') : ['public', name]
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}

function textArray(items: readonly string[]): string {
  return `array[${items.map(quoted).join(', ')}]::text[]`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
