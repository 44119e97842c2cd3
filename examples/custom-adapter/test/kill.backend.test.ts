import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../src/file-store.ts'

const KILLS = 12
const writer = fileURLToPath(new URL('./kill-writer.ts', import.meta.url))

/** Kills the writer after so many acknowledged batches; returns the last that it told of. */
async function killAfter(batches: number, directory: string): Promise<number> {
  const child = spawn(process.execPath, [writer, directory], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let last = -1
  let seen = 0
  for await (const line of createInterface(child.stdout)) {
    last = Number(line)
    seen += 1
    if (seen === batches) child.kill('SIGKILL')
  }
  await closed
  return last
}

test('a writer that is killed keeps what it acknowledged, and no half of a batch', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  for (let kill = 1; kill <= KILLS; kill++) {
    const acknowledged = await killAfter(kill * 37, directory)
    const store = fileStore({ directory })
    await store.open('killed')
    const entries = await store.scan({ from: '', to: '\uffff' })
    await store.close()
    const last = Number(entries.find(([key]) => key === 'last')?.[1])
    expect(last).toBeGreaterThanOrEqual(acknowledged)
    const batches = entries.filter(([key]) => key !== 'last').map(([, value]) => String(value).split(' ')[0])
    expect(new Set(batches)).toEqual(new Set([String(last)]))
  }
})
