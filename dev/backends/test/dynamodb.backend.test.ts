import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startDynamoDb } from '../src/index.ts'

const answers = (endpoint: string) =>
  fetch(endpoint).then(
    () => true,
    () => false,
  )

test('starts on a free port, and is gone after stop', async () => {
  const server = await startDynamoDb()
  expect(await answers(server.endpoint)).toBe(true)
  await server.stop()
  expect(await answers(server.endpoint)).toBe(false)
})

test('ends with a parent that is killed', async () => {
  const source = `import { startDynamoDb } from '${new URL('../src/index.ts', import.meta.url)}'
    console.log((await startDynamoDb()).endpoint)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  const endpoint = String(line).trim()
  expect(await answers(endpoint)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => answers(endpoint)).toBe(false)
})
