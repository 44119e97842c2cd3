import type { AttributeValue } from '@aws-sdk/client-dynamodb'

export type Attributes = Record<string, AttributeValue>
export type Body = Record<string, unknown>

export interface Answer {
  readonly status: number
  readonly body: Body
}

/** One operation at the engine behind the shim. */
export async function callEngine(endpoint: string, operation: string, body: Body): Promise<Answer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Body }
}

/** As DynamoDB words an error. */
export function failure(type: string, rest: Body = {}): Answer {
  return { status: 400, body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type, ...rest } }
}

/** The placeholders among `all` that an expression uses; DynamoDB refuses unused ones. */
export function usedIn<T>(
  expression: string,
  all: Record<string, T> | undefined,
): Record<string, T> | undefined {
  const used = Object.entries(all ?? {}).filter(([name]) =>
    new RegExp(`${name}(?![A-Za-z0-9_])`).test(expression),
  )
  return used.length === 0 ? undefined : Object.fromEntries(used)
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
