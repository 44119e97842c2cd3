/*
 * A whole application on a SQLite file that syncs to a DynamoDB engine: writes without end, says
 * which of its writes were acknowledged, and is killed at any moment.
 */
import { engineApp, expectedOf } from './engine-app.ts'

const [path = '', endpoint = '', firstText = '0'] = process.argv.slice(2)
process.stdin.resume().once('end', () => process.exit())

const db = await engineApp(path, endpoint)
db.sync.start()

/** Document `n` is inserted, changed twice, and every fifth is deleted: four acknowledgements at most. */
async function write(n: number): Promise<void> {
  const id = `d${n}`
  await db.things.insert({ id, n, step: 0 })
  report(n, 1)
  await db.things.update(id, { step: 1 })
  report(n, 2)
  await db.things.update(id, { step: 2, note: 'x'.repeat(n % 300) })
  report(n, 3)
  if (expectedOf(n, 4) === null) await db.things.delete(id)
  report(n, 4)
}

function report(n: number, step: number): void {
  process.stdout.write(`${n} ${step}\n`)
}

/** Several writers at once, so that kills meet group commits. */
let next = Number(firstText)
async function writer(): Promise<never> {
  for (;;) {
    await write(next++)
    // SQLite answers without leaving the thread: let the network and the end of the input be seen.
    await new Promise((resolve) => setImmediate(resolve))
  }
}
await Promise.all([writer(), writer(), writer(), writer()])
