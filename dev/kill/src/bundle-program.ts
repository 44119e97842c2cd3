import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Packages that are not ES modules ask for Node's own modules by `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

/**
 * Writes a Node program with all that it imports into one file in `directory`, and answers its
 * path: a program that is started hundreds of times reads one file, and not a thousand modules.
 */
export async function bundleProgram(entry: URL, directory: string): Promise<string> {
  const outfile = join(directory, 'program.mjs')
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: `node${process.versions.node}`,
    banner: { js: REQUIRE },
  })
  return outfile
}
