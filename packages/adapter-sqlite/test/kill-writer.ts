import { setImmediate as turn } from 'node:timers/promises'
import { write } from '@holdfast/dev-kill/workload'
import { sqlite } from '../src/index.ts'

const [path = '', manner] = process.argv.slice(2)
process.stdin.resume().once('end', () => process.exit())

const store = sqlite({ path })
await store.open('kill')
if (manner === 'cheating') acknowledgeTooEarly()
await write(store, {
  writers: ['a', 'b', 'c'],
  batches: 100_000,
  report(writer, batch) {
    process.stdout.write(`${writer} ${batch}\n`)
    // SQLite never leaves the thread: without this the end of the input would not be seen.
    return turn()
  },
})

/** A control: says that a batch is durable, and holds it back for a while. */
function acknowledgeTooEarly(): void {
  const writeForReal = store.write.bind(store)
  const held: Parameters<typeof writeForReal>[] = []
  store.write = async (batch, options) => {
    held.push([batch, options])
    if (held.length >= 30) for (const each of held.splice(0)) await writeForReal(...each)
  }
}
