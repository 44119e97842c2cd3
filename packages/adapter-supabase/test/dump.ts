import { supabaseMigration } from '../src/install.ts'
import type { Stage } from './stage.ts'

/** As a full dump and restore does: rows verbatim, without firing triggers; identity and sequence along. */
export async function copyInto(target: Stage, source: Stage): Promise<void> {
  const tables = ['contacts', 'orders', 'holdfast_public.contacts', 'holdfast_public.orders', 'holdfast.meta']
  await target.query('delete from holdfast.meta')
  for (const table of tables) {
    await target.query(`alter table ${table} disable trigger all`)
    const rows = await source.query<{ rows: unknown }>(
      `select coalesce(json_agg(t), '[]') as rows from ${table} t`,
    )
    await target.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(rows[0]?.rows),
    ])
  }
  const [feed] = await source.query<{ last_value: string }>('select last_value from holdfast.feed')
  await target.query(`select setval('holdfast.feed', $1)`, [feed?.last_value])
  await target.query(supabaseMigration({ tables: ['contacts', 'orders'] }))
}
