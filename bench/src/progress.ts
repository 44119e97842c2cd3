import process from 'node:process'

const BAR = 24

/** One line that is written over on a terminal; one line for each step elsewhere. */
export function showProgress(): { tell(done: number, total: number, what: string): void; end(): void } {
  const began = performance.now()
  const { stdout } = process
  return {
    tell(done, total, what) {
      const filled = Math.round((done / total) * BAR)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`
      const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(4)
      const line = `${bar} ${done}/${total} ${seconds} s  ${what}`
      stdout.write(stdout.isTTY ? `\r\u001b[2K${line.slice(0, stdout.columns - 1)}` : `${line}\n`)
    },
    end() {
      if (stdout.isTTY) stdout.write('\r\u001b[2K')
    },
  }
}
