import { registerHooks } from 'node:module'

/** A change to one source text of core, made in memory when the module is loaded. */
export interface SourcePatch {
  /** Path under `packages/core/src`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/**
 * Loads core with these patches from here on. Nothing on disk changes. A pattern that is not in its
 * file exactly once fails the load, so that no patch goes stale unnoticed.
 */
export function applyPatches(patches: readonly SourcePatch[]): void {
  registerHooks({
    load(url, context, nextLoad) {
      const path = decodeURIComponent(new URL(url).pathname)
      const own = patches.filter(({ file }) => path.endsWith(`/packages/core/src/${file}`))
      const loaded = nextLoad(url, context)
      if (own.length === 0) return loaded
      let text = String(
        loaded.source instanceof Uint8Array ? new TextDecoder().decode(loaded.source) : loaded.source,
      )
      for (const { file, find, replace } of own) {
        const count = text.split(find).length - 1
        if (count !== 1) throw new Error(`the patch of ${file} matches ${count} times: ${find}`)
        text = text.replace(find, () => replace)
      }
      return { ...loaded, source: text }
    },
  })
}
