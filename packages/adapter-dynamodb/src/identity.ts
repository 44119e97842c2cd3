import { DescribeTableCommand } from '@aws-sdk/client-dynamodb'
import { call } from './call.ts'
import { protocolError } from './failures.ts'
import type { Space } from './space.ts'

/**
 * Names the remote: the table by the id that DynamoDB gave it, so that a restored or recreated
 * table is another one, and the space. Asked once.
 */
export class Identity {
  readonly #space: Space
  #tableId: string | undefined

  constructor(space: Space, tableId: string | undefined) {
    this.#space = space
    this.#tableId = tableId
  }

  async name(signal: AbortSignal): Promise<string> {
    this.#tableId ??= await this.#ask(signal)
    return `dynamodb:${this.#tableId}:${this.#space.space}`
  }

  async #ask(signal: AbortSignal): Promise<string> {
    const { client, tableName: TableName } = this.#space
    const { Table } = await call(signal, (options) =>
      client.send(new DescribeTableCommand({ TableName }), options),
    )
    if (Table?.TableId === undefined)
      throw protocolError('DescribeTable gives no TableId. Pass it as an option.')
    return Table.TableId
  }
}
