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
      return join(folder, `${encodeURIComponent(name).replaceAll('*', '%2A')}.sqlite`)
    }
  }
  throw new HoldfastError(
    'invalid_options',
    'sqlite() takes either `path` (one file) or `directory` (a file per database). Give one of the two.',
  )
}
