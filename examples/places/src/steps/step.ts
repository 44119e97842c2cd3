import type { Scene } from '../scene.ts'

export interface Step {
  readonly title: string
  /** Does it, checks it, and says in a few words what was seen. Throws when something is not as it must be. */
  run(scene: Scene, progress: Progress): Promise<string>
}

export type Progress = (done: number, total: number, what: string) => void

export const count = (number: number) => number.toLocaleString('en')
