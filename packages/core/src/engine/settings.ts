import type { ConflictStrategy } from '../contracts/conflict-strategy.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { MergeRules } from '../merge/rules.ts'
import type { WriteRules } from '../write/rules.ts'
import type { CollectionConfigs } from './options.ts'

export const DEFAULT_MAX_BYTES = 1024 * 1024

/** Names that the database object itself uses. */
const RESERVED = new Set([
  'sync',
  'transact',
  'close',
  'conflicts',
  'failed',
  'destroy',
  'collection',
  'then',
])
const COLLECTION_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

/** What each collection was configured to be, looked up by name. */
export class Settings {
  readonly names: readonly string[]
  readonly #configs: CollectionConfigs
  readonly #defaultStrategy: ConflictStrategy
  readonly #writeRules = new Map<string, WriteRules>()

  constructor(configs: CollectionConfigs, defaultStrategy: ConflictStrategy) {
    this.names = Object.keys(configs)
    this.#configs = configs
    this.#defaultStrategy = defaultStrategy
    for (const name of this.names) checkName(name)
  }

  get syncedNames(): readonly string[] {
    return this.names.filter((name) => !this.isLocalOnly(name))
  }

  /** Throws `unknown_collection`. */
  configOf(collection: string): CollectionConfigs[string] {
    const config = Object.hasOwn(this.#configs, collection) ? this.#configs[collection] : undefined
    if (config === undefined) throw unknownCollection(collection, this.names)
    return config
  }

  /** Also for a collection that an older version of the application had: its documents are kept. */
  isLocalOnly(collection: string): boolean {
    return this.#configs[collection]?.options.sync === false
  }

  maxBytesOf(collection: string): number {
    return this.#configs[collection]?.options.maxBytes ?? DEFAULT_MAX_BYTES
  }

  writeRulesOf(collection: string): WriteRules {
    let rules = this.#writeRules.get(collection)
    if (rules === undefined) {
      const limits = { collection, maxBytes: this.maxBytesOf(collection) }
      rules = { schema: this.configOf(collection).schema, limits }
      this.#writeRules.set(collection, rules)
    }
    return rules
  }

  mergeRulesOf(collection: string): MergeRules {
    const { conflict, deletes } = this.#configs[collection]?.options ?? {}
    return { strategy: conflict ?? this.#defaultStrategy, deletes: deletes ?? 'deleteWins' }
  }
}

function checkName(name: string): void {
  if (RESERVED.has(name) || !COLLECTION_NAME.test(name)) {
    throw new HoldfastError(
      'invalid_options',
      `"${name}" cannot be the name of a collection: use letters, digits and _, and none of ${[...RESERVED].join(', ')}. Nothing was opened.`,
      { details: { name } },
    )
  }
}

function unknownCollection(name: string, known: readonly string[]): HoldfastError {
  return new HoldfastError(
    'unknown_collection',
    `There is no collection "${name}"; there are: ${known.join(', ')}. Nothing was written. Add it to the option collections.`,
    { details: { name, known } },
  )
}
