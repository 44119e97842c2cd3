/** A CPU profile as Chromium's DevTools give it, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  /** Between samples, in µs. */
  readonly timeDeltas: readonly number[]
}

/** Ms that were spent in each part of the page itself, the largest first. */
export type Shares = Readonly<Record<string, number>>

const NO_PART: Readonly<Record<string, string>> = {
  '(idle)': 'waiting',
  '(program)': 'the browser',
  '(garbage collector)': 'garbage collection',
}

/**
 * Adds up the samples by the folder of the module that they were taken in, and by name for what
 * the browser itself offers. `script` is the page's bundle, in which a comment opens each module.
 */
export function sharesOf(profile: CpuProfile, script: string): Shares {
  const partOfLine = partsByLine(script)
  const parts = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const isOfPage = url !== ''
      const part = isOfPage ? (partOfLine[lineNumber] ?? 'the page') : `browser: ${functionName}`
      return [id, NO_PART[functionName] ?? part]
    }),
  )
  const shares = new Map<string, number>()
  for (const [i, id] of profile.samples.entries()) {
    const part = parts.get(id) ?? 'the browser'
    shares.set(part, (shares.get(part) ?? 0) + (profile.timeDeltas[i] ?? 0) / 1000)
  }
  return Object.fromEntries([...shares].sort(([, a], [, b]) => b - a))
}

function partsByLine(script: string): string[] {
  const parts: string[] = []
  let part = 'the page'
  for (const line of script.split('\n')) {
    const path = /^\/\/ (\S+\.(?:m?[jt]s))$/.exec(line)?.[1]
    if (path !== undefined) part = partOf(path)
    parts.push(part)
  }
  return parts
}

/** `packages/core/src/storage/row.ts` is of `core/storage`. */
function partOf(path: string): string {
  const [, name, folder] = /packages\/([^/]+)\/src\/(?:([^/]+)\/)?/.exec(path) ?? []
  if (name !== undefined) return folder === undefined ? name : `${name}/${folder}`
  return /node_modules\/(?:.*node_modules\/)?([^/]+)/.exec(path)?.[1] ?? 'the bench'
}
