import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** By their time on two cores. One of them that began last would keep one worker busy, and the others idle. */
const LONGEST = [
  'packages/adapter-sqlite/test/engine-kill.backend.test.ts',
  'dev/real-parts/test/dynamodb.backend.test.ts',
  'dev/real-parts/test/postgres.backend.test.ts',
  'dev/simulation/test/simulation.test.ts',
  'examples/contacts/test/contacts.backend.test.ts',
  'packages/adapter-dynamodb/test/crowd.backend.test.ts',
  'dev/simulation/test/crash-points.test.ts',
  'dev/simulation/test/bugs.test.ts',
  'examples/contacts/test/kill.backend.test.ts',
  'packages/adapter-localstorage/test/tabs.backend.test.ts',
  'examples/places/test/demo.backend.test.ts',
  'packages/adapter-localstorage/test/kill.backend.test.ts',
  'packages/adapter-indexeddb/test/kill.backend.test.ts',
].map((path) => resolve(path))

/** The longest files begin first, whatever their project; the others as Vitest has them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((path) => !existsSync(path))
    if (gone.length > 0)
      throw new Error(`test/longest-first.ts names files that are gone: ${gone.join(', ')}`)
    const sorted = await super.sort(files)
    const groupOf = ({ project }: TestSpecification) => project.config.sequence.groupOrder
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.indexOf(moduleId)
      return place === -1 ? LONGEST.length : place
    }
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || placeOf(a) - placeOf(b))
  }
}
