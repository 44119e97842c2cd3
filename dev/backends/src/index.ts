export { chromiumLaunch, findChromium } from './chromium.ts'
export { type DynamoDbServer, findDynamoDb, startDynamoDb } from './dynamodb.ts'
export { type FaultLevers, type FaultProxy, startFaultProxy } from './fault-proxy.ts'
export {
  ALL_FAULTS,
  type Fault,
  type FaultPlan,
  type ProxiedRequest,
  scriptedFaults,
  seededFaults,
} from './faults.ts'
export { type Postgres, type PostgresOptions, startPostgres } from './postgres.ts'
export { type Postgrest, type PostgrestOptions, startPostgrest } from './postgrest.ts'
export { runSql, type Supabase, type SupabaseOptions, startSupabase } from './supabase.ts'
