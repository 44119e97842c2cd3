import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Type tests (`*.types.test.ts`, `types.test.ts`) say what must not compile; only the compiler can run them. */
test('the workspace compiles, and what must not compile does not', { timeout: 60_000 }, () => {
  const { stdout, status } = spawnSync(
    'node_modules/.bin/tsc',
    ['-p', 'tsconfig.json', '--pretty', 'false'],
    {
      encoding: 'utf8',
    },
  )
  expect({ errors: stdout.split('\n').filter((line) => line.includes('error')), status }).toEqual({
    errors: [],
    status: 0,
  })
})
