import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Content of each file of the page, by its path. */
export type PageFiles = ReadonlyMap<string, string | Uint8Array>

/** Bundles the page in memory. */
export async function buildPage(): Promise<PageFiles> {
  const built = await build({
    root: fileURLToPath(new URL('..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    build: { write: false, chunkSizeWarningLimit: 2_000 },
  })
  const files = new Map<string, string | Uint8Array>()
  for (const bundle of Array.isArray(built) ? built : [built]) {
    if (!('output' in bundle)) throw new Error('The page was not built.')
    for (const file of bundle.output) {
      files.set(`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source)
    }
  }
  return files
}
