import { createMemoryServer } from '@holdfast/core/memory'
import { expect, test } from 'vitest'
import type { ServerBackend } from '../src/core.ts'
import { createDice } from '../src/dice.ts'
import { Hits } from '../src/hits.ts'
import { OldVersions } from '../src/old-versions.ts'

/** A feed from the beginning, often enough that each old version is drawn. */
function everyRevOf(server: ServerBackend, oldVersions: OldVersions): Set<string> {
  const { signal } = new AbortController()
  const request = { checkpoints: { notes: null }, origin: null, limit: 100, replica: '', signal }
  const pages = Array.from({ length: 50 }, () =>
    oldVersions.mixInto(server.pull('default', request), request),
  )
  return new Set(pages.flatMap(({ changes }) => changes.map(({ rev }) => rev)))
}

test('a restored feed has the old versions of the backup, and none that was committed after it', () => {
  const server = createMemoryServer() as ServerBackend
  const oldVersions = new OldVersions({ server, dice: createDice('old'), hits: new Hits() })
  const write = (text: string) => {
    oldVersions.note('notes', 'n')
    return server.write('notes', { id: 'n', text })
  }
  const first = write('first')
  const second = write('second')
  oldVersions.note('notes', 'n')
  const open = server.begin()
  const late = open.write('notes', { id: 'n', text: 'its place is before the backup' })
  const backup = { image: server.backup(), old: oldVersions.image() }
  open.commit()
  const third = write('third')
  expect(everyRevOf(server, oldVersions)).toEqual(new Set([first.rev, second.rev, late.rev, third.rev]))

  server.restore(backup.image)
  oldVersions.restore(backup.old)
  const fourth = write('fourth')
  expect(everyRevOf(server, oldVersions)).toEqual(new Set([first.rev, second.rev, fourth.rev]))

  server.restore()
  oldVersions.restore()
  expect(everyRevOf(server, oldVersions)).toEqual(new Set())
})
