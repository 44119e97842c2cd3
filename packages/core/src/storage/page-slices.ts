import type { LocalStore } from '../contracts/local-store.ts'
import type { LocatedVersion } from '../model/document.ts'
import { pageKey } from './keys.ts'
import { decodePage } from './records.ts'

/** No read transaction is longer than this, since a long one blocks the writes of other tabs. */
const SLICE_BYTES = 512 * 1024

/** Pages in slices that may be read in one transaction each. */
export function slicesOf<T>(pages: readonly T[], charsOf: (page: T) => number): T[][] {
  const slices: T[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const page of pages) {
    bytes += charsOf(page)
    if (bytes > SLICE_BYTES) {
      slices.push([])
      bytes = charsOf(page)
    }
    slices.at(-1)?.push(page)
  }
  return slices
}

/** The versions in each of these pages; undefined where one is not there any more. */
export async function readPageSlice(
  store: LocalStore,
  nos: readonly number[],
): Promise<(LocatedVersion[] | undefined)[]> {
  const texts = await store.getMany(nos.map(pageKey))
  return texts.map((text, i) =>
    text === undefined ? undefined : decodePage(text, pageKey(nos[i] as number)),
  )
}
