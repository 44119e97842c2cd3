import type { Channel } from '../runtime/runtime.ts'

/** Where a tab stands: what it wrote itself, and what it knows of the leader's commits. */
export interface Place {
  readonly writer: string
  readonly seq: number
  readonly generation: number
  readonly nextNo: number
}

export type PlaceMessage = Place & { readonly kind: 'hello' | 'here' }

/**
 * Knows whether there are other tabs, so that a leader posts nothing where nobody listens. (A tab
 * that does not lead has company, be it frozen.) A tab says hello before it reads the database;
 * whoever hears it answers with where it stands, and tells everything from then on. What was not
 * told before shows in that answer: who is behind reads again; and who takes over compares anyway.
 */
export class Peers {
  readonly #channel: Channel
  readonly #place: () => Place
  #isAlone = true

  constructor(channel: Channel, place: () => Place) {
    this.#channel = channel
    this.#place = place
    this.#say('hello')
  }

  /** Posts what `make` gives, if there is anyone to hear it. */
  tell(make: () => unknown, { isLeader }: { readonly isLeader: boolean }): void {
    if (!this.#isAlone || !isLeader) this.#channel.post(make())
  }

  heard({ kind }: PlaceMessage): void {
    const isNew = this.#isAlone
    this.#isAlone = false
    if (kind === 'hello' || isNew) this.#say('here')
  }

  #say(kind: PlaceMessage['kind']): void {
    this.#channel.post({ kind, ...this.#place() } satisfies PlaceMessage)
  }
}

/**
 * What the tabs of one database tell each other; `replica` is who it belongs to. A tab that slept as its
 * database was deleted may still tell what it wrote there, and the next one has the same name.
 */
export function within(replica: string, channel: Channel): Channel {
  return {
    post: (message) => channel.post({ ...(message as object), replica }),
    subscribe: (listener) =>
      channel.subscribe((message) => {
        if ((message as { replica?: unknown } | null)?.replica === replica) listener(message)
      }),
    close: () => channel.close(),
  }
}

export function isPlaceMessage(message: unknown): message is PlaceMessage {
  const kind = (message as { kind?: unknown } | null)?.kind
  return kind === 'hello' || kind === 'here'
}
