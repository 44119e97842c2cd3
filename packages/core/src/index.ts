export type { InLane } from './apply/lane.ts'
export type * from './contracts/conflict-strategy.ts'
export type * from './contracts/local-store.ts'
export type * from './contracts/remote-store.ts'
export type * from './contracts/schema.ts'
export type { Collection, Insertable, Patch } from './engine/collection.ts'
export {
  type CollectionConfig,
  type CollectionOptions,
  collection,
  type DocumentOf,
  type InputOf,
} from './engine/collection-options.ts'
export type {
  ConflictAnswer,
  DocumentRef,
  DocumentState,
  FailedDocument,
  OpenConflict,
} from './engine/commands.ts'
export {
  createHoldfast,
  type Holdfast,
  type HoldfastBase,
  type Sync,
  type Transaction,
  type TransactionCollection,
} from './engine/holdfast.ts'
export { type Logger, silentLogger } from './engine/logger.ts'
export type { CollectionConfigs, HoldfastOptions } from './engine/options.ts'
export type { SettledConflict } from './engine/settled-conflicts.ts'
export type { SyncMetrics, SyncState, SyncStatus } from './engine/status-board.ts'
export * as tokens from './engine/tokens.ts'
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts'
export { type ErrorOptions, HoldfastError, isHoldfastError } from './errors/holdfast-error.ts'
export { askUser } from './merge/ask-user.ts'
export type { FieldConflict, FieldResolution, FieldRule } from './merge/field-rule.ts'
export { strategy } from './merge/own-strategy.ts'
export { threeWay } from './merge/three-way.ts'
export { localWins, newestWins, remoteWins } from './merge/whole-side.ts'
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
export type { Condition } from './observe/condition.ts'
export type { FieldPath } from './observe/field-path.ts'
export type { LiveQuery } from './observe/live-query.ts'
export type { OrderBy, Query, Where } from './observe/query.ts'
export type { ReadableStore } from './observe/store.ts'
export type * from './runtime/runtime.ts'
export { systemRuntime } from './runtime/system-runtime.ts'
export { DEFAULT_POLICY, type SchedulePolicy } from './schedule/policy.ts'
export type { Failure } from './storage/ledger-entry.ts'
export type { RefusedChange } from './storage/manifest.ts'
export type { DurabilityOptions, UpdateOptions } from './write/writer.ts'
