import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { HoldfastError, type RemoteStore } from '@holdfast/core'
import { HeadNumber } from './head-number.ts'
import { Identity } from './identity.ts'
import { MAX_PARTITION_KEY_BYTES, utf8Length } from './item-size.ts'
import { MAX_DOCUMENTS } from './log-item.ts'
import { FeedReader } from './pull/pull.ts'
import { PushLane } from './push/lane.ts'
import { largestBody } from './push/prepare.ts'
import { MAX_TRANSACTION_BYTES } from './push/unit.ts'
import { type DynamoDbRuntime, systemRuntime } from './runtime.ts'
import { PROTOCOL, type ProtocolRules } from './space.ts'

const DAY_SECONDS = 86_400
const TRANSACTIONS_IN_A_PUSH = 5

export interface DynamoDbOptions {
  /**
   * The plain client of `@aws-sdk/client-dynamodb`, with the application's region and credentials.
   * `maxAttempts: 2` suits it: the engine has its own retry.
   */
  readonly client: DynamoDBClient
  readonly tableName: string
  /** The partition key: a user, a team, a workspace. Not empty, at most 2,048 bytes. */
  readonly space: string
  /**
   * Days that the log is kept, 30 by default. A client that was away for longer reads all
   * documents again; it loses nothing.
   */
  readonly logRetentionDays?: number
  /**
   * Reads of the log: `eventual` (the default) costs half and may see a change some moments late,
   * `consistent` sees every push that was acknowledged before.
   */
  readonly logReads?: 'eventual' | 'consistent'
  /** The table's id, where the policy does not allow DescribeTable. */
  readonly tableId?: string
  readonly runtime?: DynamoDbRuntime
}

/**
 * One space of a DynamoDB table as a remote. The table is made by `installDynamoDb`; without it
 * calls fail with `remote_not_installed`. Fails with `invalid_options`.
 */
export function dynamoDb(options: DynamoDbOptions): RemoteStore {
  return openSpace(options, PROTOCOL)
}

/** `dynamoDb` under given rules. */
export function openSpace(options: DynamoDbOptions, rules: ProtocolRules): RemoteStore {
  checkOptions(options)
  const runtime = options.runtime ?? systemRuntime
  const space = {
    client: options.client,
    tableName: options.tableName,
    space: options.space,
    runtime,
    logRetentionSeconds: (options.logRetentionDays ?? 30) * DAY_SECONDS,
    consistentLog: options.logReads === 'consistent',
    headNumber: new HeadNumber(runtime),
    rules,
  }
  const identity = new Identity(space, options.tableId)
  const reader = new FeedReader(space)
  const lane = new PushLane(space)
  return {
    specVersion: 1,
    name: 'dynamodb',
    capabilities: {
      maxBatch: MAX_DOCUMENTS * TRANSACTIONS_IN_A_PUSH,
      maxBatchBytes: MAX_TRANSACTION_BYTES,
      maxDocumentBytes: largestBody(options.space),
      atomicGroups: MAX_DOCUMENTS,
      pokes: false,
    },
    async pull(request) {
      return reader.pull(request, await identity.name(request.signal))
    },
    push: (request) => lane.push(request),
  }
}

function checkOptions({ tableName, space, logRetentionDays = 30 }: DynamoDbOptions): void {
  if (tableName === '') throw invalid('tableName is empty.')
  if (space === '' || !space.isWellFormed() || utf8Length(space) > MAX_PARTITION_KEY_BYTES) {
    throw invalid(`space is well-formed text of 1 to ${MAX_PARTITION_KEY_BYTES} bytes.`)
  }
  if (!(logRetentionDays >= 1)) throw invalid('logRetentionDays is at least 1.')
}

function invalid(what: string): HoldfastError {
  return new HoldfastError('invalid_options', `dynamoDb: ${what} Nothing was opened.`)
}
