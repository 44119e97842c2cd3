import type { Document } from '../model/document.ts'
import { applyChange } from '../model/mutation.ts'
import type { CompiledQuery, Identified } from './compile-query.ts'
import { LiveWindow } from './live-window.ts'
import type { Kept } from './window-keeper.ts'

/**
 * What a kept window has become by what was written since: the first matches of the query, in
 * order, as many as it shows. Null if the window cannot tell.
 */
export function advanced<T extends Identified>(
  { documents, isComplete, since }: Kept,
  query: CompiledQuery<T>,
): T[] | null {
  const needed = query.offset + query.limit
  let isBroken = !isComplete && documents.length < needed
  let isBegun = false
  const spare = isComplete ? documents.length + 1 : documents.length - needed
  const window = new LiveWindow<T>(
    query,
    (_count, take) => {
      if (isBegun) isBroken = true
      isBegun = true
      take([...documents] as unknown as T[])
    },
    { slack: spare },
  )
  const latest = new Map<string, Document>(documents.map((document) => [document.id, document]))
  for (const { documentId: id, change } of since) {
    const before = latest.get(id)
    // What lies outside the window is unknown: it may be changed into something that belongs in it.
    if (before === undefined && change.kind === 'update') return null
    const after = applyChange(before ?? null, change) ?? undefined
    if (after === undefined) latest.delete(id)
    else latest.set(id, after)
    window.apply([{ id, before: before as T | undefined, after: after as T | undefined }])
    if (isBroken) return null
  }
  return isBroken ? null : window.first()
}
