import type { LocalStore } from '../contracts/local-store.ts'
import type { Head } from './head.ts'
import { hasValues, loadSnapshot, type Snapshot, type Wanted } from './load.ts'
import { lost } from './refusals.ts'

export interface ReadingParts {
  readonly store: LocalStore
  readonly wanted: Wanted
  /** How many commits this tab made: what was read while one was made may lack it, and nobody tells of it again. */
  readonly commits: () => number
  /** Called in the turn in which the snapshot has all that is wanted. */
  readonly take: (snapshot: Snapshot) => void
  readonly onEnd: () => void
}

/** Reads the database into memory: once when it is opened, and again where something was missed. */
export class Reading {
  readonly #parts: ReadingParts
  #first: Promise<void> | null = null
  #current: Promise<void> | null = null
  #hasBegun = false

  constructor(parts: ReadingParts) {
    this.#parts = parts
  }

  /** Null once the database was read; rejects with what kept it from being read. */
  get first(): Promise<void> | null {
    return this.#first
  }

  /** From the start on, since what comes while the head is read would be forgotten with the first snapshot. */
  get isUnderWay(): boolean {
    return !this.#hasBegun || this.#current !== null
  }

  /** Reads what follows the head. */
  async begin(head: Head): Promise<void> {
    this.#hasBegun = true
    this.#first = this.#read(head)
    await this.#first
  }

  /** Joins the one that is under way. */
  again(): Promise<void> {
    return this.#read()
  }

  /** One that begins now, not one that was under way. */
  async afresh(): Promise<void> {
    await this.ended()
    await this.again()
  }

  async ended(): Promise<void> {
    await this.#current?.catch(() => undefined)
  }

  #read(head?: Head): Promise<void> {
    this.#current ??= this.#load(head).finally(() => {
      this.#current = null
      this.#parts.onEnd()
    })
    return this.#current
  }

  async #load(given?: Head): Promise<void> {
    const { store, wanted, commits, take } = this.#parts
    let snapshot: Snapshot | null
    let before: number
    let head = given
    do {
      before = commits()
      snapshot = await loadSnapshot(store, { wanted, head })
      if (snapshot === null) throw lost()
      head = undefined
    } while (commits() !== before || !hasValues(snapshot, wanted))
    this.#first = null
    take(snapshot)
  }
}
