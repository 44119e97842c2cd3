export type * from './contracts/conflict-strategy.ts'
export type * from './contracts/local-store.ts'
export type * from './contracts/remote-store.ts'
export type * from './contracts/schema.ts'
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts'
export { type ErrorOptions, HoldfastError, isHoldfastError } from './errors/holdfast-error.ts'
export type * from './model/document.ts'
export { formatHlc, type HlcParts, isHlc, parseHlc, replicaOf, successorOf } from './model/hlc.ts'
export {
  canonicalJson,
  FORBIDDEN_KEYS,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  jsonEquals,
} from './model/json.ts'
export { applyChange, type Change, type Mutation } from './model/mutation.ts'
export type * from './runtime/runtime.ts'
