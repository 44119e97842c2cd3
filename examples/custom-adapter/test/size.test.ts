import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The file and every file of this example that it runs; types of the service are not run. */
function filesOf(file: URL, found = new Map<string, string>()): Map<string, string> {
  if (found.has(file.href)) return found
  const text = readFileSync(file, 'utf8')
  found.set(file.href, text)
  for (const [, path = ''] of text.matchAll(/^(?:import|export) (?!type\b)[^']*'(\.[^']+)'/gm))
    filesOf(new URL(path, file), found)
  return found
}

test.each(['file-store.ts', 'kv-remote.ts'])(
  '%s, with every file that it runs, is less than 200 lines',
  (name) => {
    const files = filesOf(new URL(`../src/${name}`, import.meta.url))
    expect(files.size).toBeGreaterThan(1)
    const lines = [...files.values()].reduce((sum, text) => sum + text.trimEnd().split('\n').length, 0)
    expect(lines).toBeLessThan(200)
  },
)
