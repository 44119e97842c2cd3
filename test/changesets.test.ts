import { readdirSync, readFileSync } from 'node:fs'
import { parseChangesetFile } from '@changesets/parse'
import { expect, test } from 'vitest'

const directory = new URL('../.changeset/', import.meta.url)
const packages = new URL('../packages/', import.meta.url)

const files = readdirSync(directory).filter((file) => file.endsWith('.md') && file !== 'README.md')
const published = readdirSync(packages).map(
  (name) => JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8')).name as string,
)

test.each(files)('%s can be released: it names packages of ours and says what changed', (file) => {
  const { releases, summary } = parseChangesetFile(readFileSync(new URL(file, directory), 'utf8'))
  expect(releases.length).toBeGreaterThan(0)
  for (const { name, type } of releases) {
    expect(published).toContain(name)
    expect(['patch', 'minor', 'major']).toContain(type)
  }
  expect(summary).not.toBe('')
})
