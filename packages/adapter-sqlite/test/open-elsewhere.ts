import process from 'node:process'
import { sqlite } from '../src/index.ts'
import { codeOf } from './codes.ts'

/* Opens and closes the database, and prints what came of it. */
const [directory = '', name = ''] = process.argv.slice(2)
const store = sqlite({ directory })
process.stdout.write(await codeOf(store.open(name)))
await store.close()
