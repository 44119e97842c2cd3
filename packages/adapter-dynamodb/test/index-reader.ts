import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { parseDocument } from '../src/document-item.ts'
import { NUMBER_INDEX, SPACE } from './crowd.ts'

/**
 * A wrong reader (of an attribute that the model adds for it): it takes the documents in the order of their numbers from an index and remembers
 * the last number. The index shows the items of one transaction one by one, and superseded
 * documents leave the same gaps as late ones.
 */
export class IndexReader {
  readonly seen: Record<string, string> = {}
  readonly #client: DynamoDBClient
  readonly #tableName: string
  #last = 0

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client
    this.#tableName = tableName
  }

  async catchUp(): Promise<void> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#tableName,
        IndexName: NUMBER_INDEX,
        KeyConditionExpression: 'pk = :pk AND n > :last',
        ExpressionAttributeValues: { ':pk': { S: SPACE }, ':last': { N: String(this.#last) } },
        ConsistentRead: true,
      }),
    )
    for (const item of Items) {
      const key = item.sk?.S ?? ''
      if (!key.startsWith('D#')) continue
      this.#last = Math.max(this.#last, Number(item.n?.N))
      this.seen[`notes/${key.slice(8)}`] = parseDocument(item).rev
    }
  }

  revisions(): Record<string, string> {
    return this.seen
  }
}
