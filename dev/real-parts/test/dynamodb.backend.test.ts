import { afterAll, beforeAll } from 'vitest'
import { startDynamoDbSites } from '../src/dynamodb-site.ts'
import { testSeeds } from '../src/seeds.ts'

let sites: Awaited<ReturnType<typeof startDynamoDbSites>>
beforeAll(async () => {
  sites = await startDynamoDbSites()
})
afterAll(() => sites?.stop())

testSeeds('dynamodb.backend.test.ts', (seed) => sites.siteOf(seed))
