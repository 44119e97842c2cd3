export type { SqliteDirectory, SqliteFile, SqliteOptions } from './options.ts'
export { sqlite } from './sqlite.ts'
