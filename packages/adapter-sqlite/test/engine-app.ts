import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoDb } from '@holdfast/adapter-dynamodb'
import { collection, createHoldfast, type LocalStore } from '@holdfast/core'
import { sqlite } from '../src/index.ts'

export interface Thing {
  readonly id: string
  readonly n: number
  readonly step: number
  readonly note?: string
}

export const TABLE = 'things'

export function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
}

export function openThings(local: LocalStore, endpoint: string) {
  return createHoldfast({
    name: 'things',
    local,
    remote: dynamoDb({ client: clientOf(endpoint), tableName: TABLE, space: 'one' }),
    collections: { things: collection<Thing>() },
    schedule: { debounce: 5, activeInterval: 200, backoffBase: 10, backoffCeiling: 50 },
  })
}

export const engineApp = (path: string, endpoint: string) => openThings(sqlite({ path }), endpoint)

/** What document `n` is after `step` acknowledged writes; null: deleted. */
export function expectedOf(n: number, step: number): { step: number } | null {
  if (step === 4 && n % 5 === 0) return null
  return { step: Math.min(step, 3) - 1 }
}
