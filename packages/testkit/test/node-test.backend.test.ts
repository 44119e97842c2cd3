import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const suite = fileURLToPath(new URL('./node-test-suite.ts', import.meta.url))

function runWithNode(...args: string[]) {
  const { stdout, status } = spawnSync(process.execPath, ['--test-reporter=tap', suite, ...args], {
    encoding: 'utf8',
  })
  const count = (word: string) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(stdout)?.[1])
  return { passed: count('pass'), failed: count('fail'), status }
}

test('node:test runs the suite, case by case', () => {
  const { passed, failed, status } = runWithNode()
  expect({ failed, status }).toEqual({ failed: 0, status: 0 })
  expect(passed).toBeGreaterThanOrEqual(80)
})

test('a stale gap fails the run of node:test', () => {
  expect(runWithNode('stale')).toMatchObject({ failed: 1, status: 1 })
})
