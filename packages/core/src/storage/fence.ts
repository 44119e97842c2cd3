import type { LocalStore } from '../contracts/local-store.ts'
import { isHoldfastError } from '../errors/holdfast-error.ts'
import { readManifest } from './head.ts'
import { MANIFEST_KEY } from './keys.ts'
import { decodeManifest, encodeManifest, type Manifest } from './manifest.ts'
import { lost, notLeading } from './refusals.ts'

/** The manifest in which a tab took the fence, its text, and the text that it replaced. */
export interface TakenFence {
  readonly next: Manifest
  readonly after: string
  readonly before: string
}

/** Takes the fence from whoever led before: their commits fail from here on. */
export async function takeFence(store: LocalStore): Promise<TakenFence> {
  for (;;) {
    const before = await readManifest(store)
    if (before === null) throw lost()
    const manifest = decodeManifest(before)
    const next = { ...manifest, fence: manifest.fence + 1, generation: manifest.generation + 1 }
    const after = encodeManifest(next)
    try {
      const put = [[MANIFEST_KEY, after] as const]
      await store.write({ put }, { expect: { key: MANIFEST_KEY, value: before } })
      return { next, after, before }
    } catch (error) {
      if (!isHoldfastError(error, 'store_conflict')) throw error
    }
  }
}

/**
 * The fence that this tab took. It leads for as long as the manifest that it knows has that fence:
 * who reads of another one has lost its own, also where nothing else told it so.
 */
export class Fence {
  readonly #manifest: () => Manifest
  #taken: number | null = null

  constructor(manifest: () => Manifest) {
    this.#manifest = manifest
  }

  get isHeld(): boolean {
    return this.#taken === this.#manifest().fence
  }

  took(fence: number): void {
    this.#taken = fence
  }

  drop(): void {
    this.#taken = null
  }

  /**
   * The fence that is held; `store_conflict` if none is, or not `begun` any more: what follows from
   * the rows as one leader knew them is not for the next one, be it the same tab.
   */
  assertHeld(begun: number | null = this.#taken): number {
    if (begun === null || begun !== this.#taken || !this.isHeld) throw notLeading()
    return begun
  }
}
