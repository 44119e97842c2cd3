import { registerHooks } from 'node:module'

/** A change to one source text of core, made in memory when the module is loaded. */
export interface SourcePatch {
  /** Path under `packages/core/src`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/**
 * Loads something with core patched, from here on. Nothing on disk changes. Fails if a pattern is
 * not in its file exactly once, or if a file was loaded before and so stays as it is: no patch goes
 * stale, or without effect, unnoticed.
 */
export async function loadWithPatches<T>(
  patches: readonly SourcePatch[],
  load: () => Promise<T>,
): Promise<T> {
  const patched = new Set<string>()
  registerHooks({
    load(url, context, nextLoad) {
      const path = decodeURIComponent(new URL(url).pathname)
      const own = patches.filter(({ file }) => path.endsWith(`/packages/core/src/${file}`))
      const loaded = nextLoad(url, context)
      const [first] = own
      if (first === undefined) return loaded
      patched.add(first.file)
      return { ...loaded, source: withPatches(textOf(loaded.source), own) }
    },
  })
  const loaded = await load()
  const missed = patches.find(({ file }) => !patched.has(file))
  if (missed !== undefined) throw new Error(`the patch of ${missed.file} came too late, or is of no use`)
  return loaded
}

/** Throws unless each pattern is in the text exactly once. */
export function withPatches(text: string, patches: readonly SourcePatch[]): string {
  return patches.reduce((before, { file, find, replace }) => {
    const count = before.split(find).length - 1
    if (count !== 1) throw new Error(`the patch of ${file} matches ${count} times: ${find}`)
    return before.replace(find, () => replace)
  }, text)
}

function textOf(source: unknown): string {
  return source instanceof Uint8Array ? new TextDecoder().decode(source) : String(source)
}
