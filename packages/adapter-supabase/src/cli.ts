#!/usr/bin/env node
import { Command } from 'commander'
import { supabaseMigration } from './install.ts'

const program = new Command('holdfast-supabase')
  .description(
    'Prints the SQL migration that makes tables of a Supabase project, or of any PostgreSQL 15+ behind ' +
      'PostgREST, syncable with Holdfast. Run it as the owner of the tables; running it again is safe, and ' +
      'is needed after ALTER TABLE or a change of policies.',
  )
  .argument('<tables...>', 'tables to sync: contacts, or crm.contacts')
  .option('-r, --role <role...>', 'database roles that may sync', ['authenticated', 'service_role'])
  .option('-o, --omit <table.column...>', 'columns that no client sees or writes', [])
  .addHelpText(
    'after',
    '\nExample:\n  npx holdfast-supabase contacts orders > supabase/migrations/0002_holdfast.sql',
  )
  .action((tables: string[], { role, omit }: { role: string[]; omit: string[] }) => {
    process.stdout.write(
      supabaseMigration({
        tables: tables.map((name) => ({ name, omit: columnsOf(name, omit) })),
        roles: role,
      }),
    )
  })

function columnsOf(table: string, omitted: readonly string[]): string[] {
  return omitted.flatMap((item) => (item.startsWith(`${table}.`) ? item.slice(table.length + 1) : []))
}

program.parse()
