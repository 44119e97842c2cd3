import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { codeOf, freshDirectory } from './stores.ts'

test('another process is refused at once, and gets in as soon as the holder was killed', async () => {
  const path = join(freshDirectory(), 'db.sqlite')
  const program = fileURLToPath(new URL('./kill-writer.ts', import.meta.url))
  const holder = spawn(process.execPath, [program, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    holder.kill('SIGKILL')
  })
  await once(holder.stdout, 'data')
  const store = sqlite({ path })
  const before = performance.now()
  expect(await codeOf(store.open('kill'))).toBe('store_locked')
  expect(await codeOf(store.destroy('kill'))).toBe('store_locked')
  expect(performance.now() - before).toBeLessThan(1000)
  const ended = once(holder, 'close')
  holder.kill('SIGKILL')
  await ended
  await store.open('kill')
  expect((await store.getMany(['m/a']))[0]).toMatch(/^\d+$/)
  await store.close()
})
