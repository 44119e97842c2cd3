import { gzipSync } from 'node:zlib'
import { bundle } from './browser/bundle.ts'

/** KB of min + gzip of a page that opens the contestant and does W1 to W4, and nothing else of the bench. */
export async function sizeOf(contestant: string): Promise<number> {
  const program = `
    import { contestant } from './contestants/${contestant}.ts'
    const replica = await contestant.open({ pageSize: 5000, pushSize: 5000 })
    await replica.put({ id: '1' })
    await replica.putMany([])
    await replica.pull()
    await replica.push()`
  const text = await bundle(program, { minify: true })
  return gzipSync(text, { level: 9 }).length / 1000
}
