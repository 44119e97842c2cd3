import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'

/** The attribute that holds when a log item may be removed, in seconds since 1970. */
export const TTL_ATTRIBUTE = 'expires'

/** The table: partition key the space, no secondary index, paid by request. */
export function dynamoDbTable({ tableName }: { tableName: string }): CreateTableCommandInput {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  }
}

/** The same table, with its TTL, as a CloudFormation template. It outlives the stack. */
export function dynamoDbTemplate({ tableName }: { tableName: string }): Readonly<Record<string, unknown>> {
  const { TableName, BillingMode, AttributeDefinitions, KeySchema } = dynamoDbTable({ tableName })
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: {
      HoldfastTable: {
        Type: 'AWS::DynamoDB::Table',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          TableName,
          BillingMode,
          AttributeDefinitions,
          KeySchema,
          TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      },
    },
    Outputs: { TableArn: { Value: { 'Fn::GetAtt': ['HoldfastTable', 'Arn'] } } },
  }
}
