import process from 'node:process'
import { fileStore } from '../src/file-store.ts'

/* Writes batches without end, and prints the number of each that is acknowledged. */
process.stdin.on('end', () => process.exit()).resume()
const store = fileStore({ directory: process.argv[2] ?? '' })
await store.open('killed')
const [[, last] = ['', '-1']] = await store.scan({ from: 'last', to: 'last\u0000' })
for (let n = Number(last) + 1; ; n++) {
  const put = Array.from({ length: 20 }, (_, i) => [`k${i}`, `${n} ${'x'.repeat(500)}`] as const)
  await store.write({ put: [...put, ['last', String(n)]] })
  if (!process.stdout.write(`${n}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}
