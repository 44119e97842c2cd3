import process from 'node:process'
import { isHoldfastError } from '@holdfast/core'
import { fileStore } from '../src/file-store.ts'

/* Opens and closes the database, and prints what came of it. */
const [directory = '', name = ''] = process.argv.slice(2)
const store = fileStore({ directory })
const outcome = await store.open(name).then(
  () => 'resolved',
  (error: unknown) => (isHoldfastError(error) ? error.code : String(error)),
)
process.stdout.write(outcome)
await store.close()
