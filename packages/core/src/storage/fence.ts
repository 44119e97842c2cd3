import type { LocalStore } from '../contracts/local-store.ts'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import { readManifest } from './head.ts'
import { MANIFEST_KEY } from './keys.ts'
import { decodeManifest, encodeManifest, type Manifest } from './manifest.ts'
import { lost } from './refusals.ts'

/** Takes the fence from whoever led before: their commits fail from here on. `text` is the manifest that was replaced. */
export async function takeFence(store: LocalStore): Promise<{ text: string; next: Manifest }> {
  for (;;) {
    const text = await readManifest(store)
    if (text === null) throw lost()
    const manifest = decodeManifest(text)
    const next = { ...manifest, fence: manifest.fence + 1, generation: manifest.generation + 1 }
    try {
      const put = [[MANIFEST_KEY, encodeManifest(next)] as const]
      await store.write({ put }, { expect: { key: MANIFEST_KEY, value: text } })
      return { text, next }
    } catch (error) {
      if (!isHoldfastError(error, 'store_conflict')) throw error
    }
  }
}
