import { afterAll, beforeAll } from 'vitest'
import { startPostgresSites } from '../src/postgres-site.ts'
import { testSeeds } from '../src/seeds.ts'

let sites: Awaited<ReturnType<typeof startPostgresSites>>
beforeAll(async () => {
  sites = await startPostgresSites()
})
afterAll(() => sites?.stop())

testSeeds('postgres.backend.test.ts', (seed) => sites.siteOf(seed))
