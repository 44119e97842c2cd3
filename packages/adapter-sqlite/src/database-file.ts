import { existsSync, rmSync, type Stats, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { classify, foreign, lost, resultCodeOf } from './failures.ts'

/** "Hold" in ASCII: SQLite's mark of whose file it is. */
const APPLICATION_ID = 0x486f6c64
const FORMAT = 1
const SIDE_FILES = ['-wal', '-shm', '-journal']

/** An open file that this process alone holds. The lock is the operating system's, so it ends with the process. */
export interface DatabaseFile {
  readonly database: DatabaseSync
  readonly path: string
  /** Throws `store_lost` if the open file is no longer the one at its path. */
  assertInPlace(): void
}

export function openFile(path: string, name: string): DatabaseFile {
  let database: DatabaseSync | undefined
  try {
    refuseHeadless(path)
    database = new DatabaseSync(path)
    hold(database)
    claim(database, path, name)
    const opened = statSync(path)
    return { database, path, assertInPlace: () => assertSame(path, opened) }
  } catch (error) {
    database?.close()
    throw classify(error, path)
  }
}

/** Deletes the file and what SQLite keeps beside it. Refuses while another process holds it. */
export function deleteFile(path: string): void {
  try {
    if (existsSync(path)) probe(path)
    // The database goes first: SQLite discards side files that have none.
    for (const suffix of ['', ...SIDE_FILES]) rmSync(path + suffix, { force: true })
  } catch (error) {
    throw classify(error, path)
  }
}

/** EXCLUSIVE before the first access: one process, no shared memory file, no lock call per transaction. */
function hold(database: DatabaseSync): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA fullfsync = ON')
}

function claim(database: DatabaseSync, path: string, name: string): void {
  const made = pragma(database, 'application_id')
  const format = pragma(database, 'user_version')
  if (made === 0 && format === 0 && isEmpty(database)) create(database, name)
  else if (made !== APPLICATION_ID) throw foreign(path, 'is a database of another program')
  else if (format > FORMAT) throw foreign(path, 'was made by a newer version')
  const owner = database.prepare('SELECT name FROM holdfast').get()?.name
  if (owner !== name) throw foreign(path, `holds the database "${String(owner)}", not "${name}"`)
}

function create(database: DatabaseSync, name: string): void {
  database.exec(`BEGIN IMMEDIATE;
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${FORMAT};
    CREATE TABLE entries (key BLOB PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE holdfast (name TEXT NOT NULL, flushes INTEGER NOT NULL) STRICT`)
  database.prepare('INSERT INTO holdfast (name, flushes) VALUES (?, 0)').run(name)
  database.exec('COMMIT')
}

const isEmpty = (database: DatabaseSync): boolean =>
  database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}

/** SQLite takes an empty file for a new database and drops its log, in which everything may stand. */
function refuseHeadless(path: string): void {
  const size = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size(path) === 0 && size(`${path}-wal`) > 0) {
    throw Object.assign(new Error('The database file is empty, its log is not'), { errcode: 11 })
  }
}

function assertSame(path: string, opened: Stats): void {
  const now = statSync(path, { throwIfNoEntry: false })
  if (now?.ino !== opened.ino || now.dev !== opened.dev) throw lost(path)
}

function probe(path: string): void {
  const database = new DatabaseSync(path)
  try {
    hold(database)
  } catch (error) {
    // A damaged file may go; one that is in use may not.
    const result = resultCodeOf(error) ?? 0
    if ((result & 0xff) === 5 || (result & 0xff) === 6) throw error
  } finally {
    database.close()
  }
}
