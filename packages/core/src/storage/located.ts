/** Names one document. */
export interface Located {
  readonly collection: string
  readonly id: string
}

/** Lets go of what was held. */
export type Release = () => void
