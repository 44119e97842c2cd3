export { type DynamoDbOptions, dynamoDb } from './dynamodb.ts'
export { installDynamoDb } from './install/install.ts'
export {
  dynamoDbPolicy,
  type PolicyDocument,
  type PolicyOptions,
  type PolicyStatement,
} from './install/policy.ts'
export { dynamoDbTable, dynamoDbTemplate } from './install/table.ts'
export type { DynamoDbRuntime } from './runtime.ts'
