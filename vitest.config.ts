import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumLaunch } from './dev/backends/src/chromium.ts'
import { LongestFirst } from './test/longest-first.ts'

const tests = (kind: string) => [
  `packages/*/{src,test}/**/*.${kind}.ts`,
  `{dev,examples}/*/{src,test}/**/*.${kind}.ts`,
]

/**
 * The projects `node` and `backend` share one pool, and so must say the same. Two at least: many
 * files wait for a process, and a default of one would run `node` alone, after all the others.
 * Four at most: a file may start a database and an API of its own.
 */
const maxWorkers = Math.min(4, Math.max(2, availableParallelism()))

/** What a process compiled, the types stripped, is there for the next: they start by the hundred. */
const compileCache = fileURLToPath(new URL('node_modules/.cache/holdfast-compile', import.meta.url))

/**
 * node:     fast, no server and no browser; virtual time.
 * backend:  real PostgreSQL with PostgREST, the DynamoDB engine, real processes.
 * browser:  runs inside real Chromium.
 */
export default defineConfig({
  test: {
    env: { NODE_COMPILE_CACHE: compileCache },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'node',
          // Nothing here waits for the world: only a loaded machine makes it slow.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers,
          include: [...tests('test'), 'test/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.{backend,browser}.test.ts'],
        },
      },
      {
        test: {
          name: 'backend',
          include: tests('backend.test'),
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers,
        },
      },
      {
        // Dependencies are found before the first test: finding one later reloads the page under it.
        optimizeDeps: { entries: tests('browser.test') },
        test: {
          name: 'browser',
          include: tests('browser.test'),
          globalSetup: ['dev/matrix/test/global-setup.ts'],
          // After the others, so that its ratios of times are taken on a quiet machine.
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          api: { host: '127.0.0.1' },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: chromiumLaunch() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
