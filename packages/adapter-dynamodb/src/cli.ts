#!/usr/bin/env node
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { isHoldfastError } from '@holdfast/core'
import { program } from './install/program.ts'

const run = program({
  print: (text) => process.stdout.write(`${text}\n`),
  connect: ({ region, endpoint }) =>
    new DynamoDBClient({
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    }),
})

try {
  await run.parseAsync()
} catch (error) {
  if (!isHoldfastError(error)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exitCode = 1
}
