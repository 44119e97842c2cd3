import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { HeadNumber } from './head-number.ts'
import type { DynamoDbRuntime } from './runtime.ts'

/** Where one space lives, and what its reads and writes share. */
export interface Space {
  readonly client: DynamoDBClient
  readonly tableName: string
  readonly space: string
  readonly runtime: DynamoDbRuntime
  /** Log items may be removed this long after they were written. */
  readonly logRetentionSeconds: number
  /** Reads of the log that ask for the latest state: dearer, and nothing is ever late. */
  readonly consistentLog: boolean
  readonly headNumber: HeadNumber
  readonly rules: ProtocolRules
}

/**
 * What keeps the feed without holes. Each rule has a wrong variant that the tests must catch; in
 * use they are always `PROTOCOL`.
 */
export interface ProtocolRules {
  /** The follower stops before the first missing number. */
  readonly contiguous: boolean
  /** A bootstrap follows the log from this many entries before the head that it noted. */
  readonly overlap: number
  /** A document fetched for a log entry counts only if its number is at least the entry's. */
  readonly checkReferences: boolean
  /** A log item is put only where none stands. */
  readonly logCondition: boolean
  /** A bootstrap reads the log alone where that tells all. Without it, no variant is wrong: it scans. */
  readonly replay: boolean
  /** … which it does only from number 1 on. */
  readonly replayWhole: boolean
  /** A log item that no scan made up for counts only if it is of the head's epoch. */
  readonly oneEpoch: boolean
}

export const PROTOCOL: ProtocolRules = {
  contiguous: true,
  overlap: 256,
  checkReferences: true,
  logCondition: true,
  replay: true,
  replayWhole: true,
  oneEpoch: true,
}
