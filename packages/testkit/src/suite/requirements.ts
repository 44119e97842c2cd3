/** The condition holds, or with `no` before its name: it does not. */
export type Requirement<Name extends string> = Name | `no ${Name}`

/** A case that a suite leaves out, and which of its requirements are not met. */
export interface LeftOutCase {
  readonly id: string
  readonly title: string
  readonly unmet: readonly string[]
}

/** Those of `requires` that do not hold for `harness`. */
export function unmetOf<Harness, Name extends string>(
  requires: readonly Requirement<Name>[] = [],
  {
    conditions,
    harness,
  }: { readonly conditions: Record<Name, (harness: Harness) => boolean>; harness: Harness },
): string[] {
  return requires.filter((requirement) => {
    const name = requirement.replace(/^no /, '') as Name
    return conditions[name](harness) !== (requirement === name)
  })
}
