import { hash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HoldfastError, type LocalCapabilities } from '@holdfast/core'

export type SqliteOptions = (SqliteFile | SqliteDirectory) & {
  /** The least that is offered, and the default of a write: 'relaxed', or 'strict' for every write. */
  readonly durability?: 'strict' | 'relaxed'
}

/** One file, for one database. */
export interface SqliteFile {
  readonly path: string
  readonly directory?: never
}

/** One file per database, named after it. The directory is made when it is missing. */
export interface SqliteDirectory {
  readonly directory: string
  readonly path?: never
}

export function capabilitiesOf({ durability }: SqliteOptions): LocalCapabilities {
  return {
    durability: durability === 'strict' ? ['strict'] : ['strict', 'relaxed'],
    binary: true,
    maxValueBytes: 64 * 1024 * 1024,
    sharedBetweenTabs: false,
  }
}

/** Where the database `name` lives. */
export type Locate = (name: string) => string

export function locator(options: SqliteOptions): Locate {
  const { path, directory } = options
  if (path !== undefined && directory === undefined) {
    const file = resolve(path)
    return () => file
  }
  if (directory !== undefined && path === undefined) {
    const folder = resolve(directory)
    return (name) => {
      mkdirSync(folder, { recursive: true })
      return join(folder, `${fileNameOf(name)}.sqlite`)
    }
  }
  throw new HoldfastError(
    'invalid_options',
    'sqlite() takes either `path` (one file) or `directory` (a file per database). Give one of the two.',
  )
}

/** Many file systems take no more than 255 bytes, and SQLite appends to it. */
const MAX_FILE_NAME = 200

/** Another one for each name, also where file names that differ in case are one. */
function fileNameOf(name: string): string {
  const escaped = encodeURIComponent(name).replace(/(?<!%|%.)[A-Z]|[~*]/g, escapeCharacter)
  if (escaped.length <= MAX_FILE_NAME) return escaped
  return `${escaped.slice(0, 100)}~${hash('sha256', name)}`
}

const escapeCharacter = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase()}`
