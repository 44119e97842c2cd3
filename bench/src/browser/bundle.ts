import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

const HERE = fileURLToPath(new URL('..', import.meta.url))

/** One page for one contestant: no other one's code is in it. */
export function bundlePage(contestant: string): Promise<string> {
  return bundle(
    `import { contestant } from './contestants/${contestant}.ts'
     import { installPage } from './page/page.ts'
     installPage(contestant)`,
  )
}

export async function bundle(contents: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: HERE, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
    ...options,
  })
  return outputFiles?.[0]?.text ?? ''
}
