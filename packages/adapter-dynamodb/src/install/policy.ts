export interface PolicyOptions {
  readonly tableArn: string
  /**
   * The space that a holder may use: a policy variable, or a fixed name. By default the Cognito
   * identity, `${cognito-identity.amazonaws.com:sub}`, for spaces of one user; a space that is
   * shared takes a session tag such as `${aws:PrincipalTag/space}`.
   */
  readonly space?: string
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: string
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM, which fills it in.
const COGNITO_IDENTITY = '${cognito-identity.amazonaws.com:sub}'

/**
 * The least that a client needs: reads of one partition, and writes of it inside a transaction.
 * No Scan, no DeleteItem, no BatchWriteItem, no PartiQL.
 */
export function dynamoDbPolicy({ tableArn, space = COGNITO_IDENTITY }: PolicyOptions): PolicyDocument {
  // ForAllValues is true when the key is absent, hence the Null.
  const ownPartition = {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [space] },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ReadOwnSpace',
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
        Resource: tableArn,
        Condition: ownPartition,
      },
      {
        Sid: 'WriteOwnSpaceInTransactions',
        Effect: 'Allow',
        Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
        Resource: tableArn,
        Condition: {
          ...ownPartition,
          'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
        },
      },
      { Sid: 'IdentifyTable', Effect: 'Allow', Action: ['dynamodb:DescribeTable'], Resource: tableArn },
    ],
  }
}
