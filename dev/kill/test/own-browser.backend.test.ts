import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

/** Processes whose command line names the profile. */
function processesOf(profile: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--user-data-dir=${profile}`)
      } catch {
        return false
      }
    })
}

test.runIf(process.platform === 'linux').each(['SIGTERM', 'SIGKILL'] as const)(
  'the browser goes with its owner, ended by %s',
  async (signal) => {
    const profile = mkdtempSync(join(tmpdir(), 'holdfast-owner-'))
    onTestFinished(() => rmSync(profile, { recursive: true, force: true }))
    const program = fileURLToPath(new URL('./browser-owner.ts', import.meta.url))
    const owner = spawn(process.execPath, [program, profile], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(owner.stdout, 'data')
    expect(processesOf(profile).length).toBeGreaterThan(0)
    owner.kill(signal)
    await once(owner, 'exit')
    await expect.poll(() => processesOf(profile), { timeout: 10_000 }).toEqual([])
  },
)
