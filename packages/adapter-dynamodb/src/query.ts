import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { call } from './call.ts'
import type { Item } from './item-size.ts'
import type { Space } from './space.ts'
import { unlogged } from './unlogged.ts'

/** Items hold no binary: of that the JSON of an answer is not what the SDK makes. */
interface QueryAnswer {
  readonly Items?: readonly Item[]
  readonly LastEvaluatedKey?: Item
}

interface RawResponse {
  readonly statusCode: number
  body: unknown
}

const EMPTY = new TextEncoder().encode('{}')

/**
 * One query. The JSON of DynamoDB's answer has the form of items already, so it is parsed once and
 * taken as it is: walking it by the model of the service, as the SDK does, takes longer than all else
 * that a client does with a page. What is no good answer is left for the SDK to name.
 */
export async function query(
  space: Space,
  input: QueryCommandInput,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const command = unlogged(new QueryCommand(input))
  let answer: QueryAnswer | null = null
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const response = result.response as RawResponse
      if (response.statusCode !== 200) return result
      const bytes: Uint8Array = await space.client.config.streamCollector(response.body)
      answer = parse(bytes)
      response.body = answer === null ? bytes : EMPTY
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'holdfastPlainJson' },
  )
  const output = await call(signal, (options) => space.client.send(command, options))
  return answer ?? (output as QueryAnswer)
}

function parse(bytes: Uint8Array): QueryAnswer | null {
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof answer === 'object' ? answer : null
  } catch {
    return null
  }
}
