import { HoldfastError } from '../errors/holdfast-error.ts'
import type { CollectionConfigs, HoldfastOptions } from './options.ts'

/** The longest name that every local store takes, in UTF-16 code units. */
const MAX_DATABASE_NAME = 255

/** The name of the local database: each user has one of their own. */
export function databaseNameOf({ name, user }: Pick<HoldfastOptions<CollectionConfigs>, 'name' | 'user'>) {
  return user === undefined ? name : `${name}@${user}`
}

/** Throws `invalid_options`, `unsupported_spec` or `unsupported_durability`; nothing was opened then. */
export function checkOptions(options: HoldfastOptions<CollectionConfigs>): void {
  if (!isObject(options)) throw invalid('createHoldfast takes an object with name, local and collections.')
  const { name, local, remote, collections, durability } = options
  if (typeof name !== 'string' || name === '' || name.includes('/'))
    throw invalid('The option name must be a text that is not empty and holds no "/".')
  const databaseName = databaseNameOf(options)
  if (databaseName.length > MAX_DATABASE_NAME || !databaseName.isWellFormed())
    throw invalid('The options name and user must be well-formed text of at most 254 characters together.')
  checkPart('local', local, ['open', 'getMany', 'scan', 'write', 'close', 'destroy'])
  if (remote !== undefined) checkPart('remote', remote, ['pull', 'push'])
  if (!isObject(collections))
    throw invalid('The option collections must be an object: { contacts: collection(), … }.')
  for (const [collection, config] of Object.entries(collections)) checkCollection(collection, config)
  if (durability !== undefined && !local.capabilities.durability.includes(durability)) {
    throw new HoldfastError(
      'unsupported_durability',
      `The local store offers durability ${local.capabilities.durability.join(', ')}, not '${durability}'. Nothing was opened.`,
    )
  }
}

function checkPart(what: 'local' | 'remote', part: unknown, methods: readonly string[]): void {
  if (!isObject(part) || methods.some((method) => typeof part[method] !== 'function'))
    throw invalid(`The option ${what} must be a ${what} store, as one of the adapters makes it.`)
  if (part.specVersion === 1) return
  throw new HoldfastError(
    'unsupported_spec',
    `The option ${what} speaks version ${String(part.specVersion)} of its contract; this version of Holdfast speaks 1. Nothing was opened.`,
  )
}

function checkCollection(name: string, config: CollectionConfigs[string]): void {
  if (!isObject(config) || !isObject(config.options))
    throw invalid(`The collection "${name}" must be described by collection(…).`)
  const { schema, options } = config
  const indexes: unknown = options.indexes ?? []
  if (!Array.isArray(indexes) || indexes.some((field) => typeof field !== 'string'))
    throw invalid(`The indexes of the collection "${name}" must be a list of field names.`)
  if (schema !== null && typeof schema['~standard']?.validate !== 'function')
    throw invalid(`The schema of the collection "${name}" must speak Standard Schema, as Zod's do.`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function invalid(what: string): HoldfastError {
  return new HoldfastError('invalid_options', `${what} Nothing was opened.`)
}
