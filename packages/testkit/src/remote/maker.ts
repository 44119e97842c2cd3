import { type Document, formatHlc, type Hlc, type PushMutation, type Rev } from '@holdfast/core'

export interface MutationParts {
  readonly value?: Document | null
  readonly documentId?: string
  readonly collection?: string
  /** The version it stands on, or null. */
  readonly base?: { readonly rev: Rev } | { readonly id: string } | null
  readonly fields?: readonly string[]
  readonly group?: string
  readonly hlc?: Hlc
}

/** Makes ids, timestamps and mutations. Timestamps grow over all replicas of a case. */
export class Maker {
  readonly #wall = Date.now()
  readonly #sent = new Map<Rev, { readonly mutation: PushMutation; readonly replica: string }>()
  #ticks = 0

  hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += Math.floor(Math.random() * 16).toString(16)
    return text
  }

  uuid(): string {
    const hex = this.hex(32)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  hlc(replica: string): Hlc {
    this.#ticks += 1
    return formatHlc({
      wall: this.#wall + Math.floor(this.#ticks / 1000),
      counter: this.#ticks % 1000,
      replica,
    })
  }

  /** Documents `{ id, title: 'n 0' }`, `{ id, title: 'n 1' }`, … */
  documents(count: number, title = 'n'): Document[] {
    return Array.from({ length: count }, (_, i) => ({ id: this.uuid(), title: `${title} ${i}` }))
  }

  mutation(replica: string, parts: MutationParts): PushMutation {
    const { value = null, base = null, collection = 'notes', fields, group } = parts
    const hlc = parts.hlc ?? this.hlc(replica)
    const mutation: PushMutation = {
      id: `${hlc.slice(0, 18)}${this.hex(16)}`,
      hlc,
      collection,
      documentId: parts.documentId ?? value?.id ?? '',
      base: base === null ? null : 'rev' in base ? base.rev : base.id,
      value,
      ...(fields === undefined ? {} : { fields }),
      ...(group === undefined ? {} : { group }),
    }
    this.#sent.set(mutation.id, { mutation, replica })
    return mutation
  }

  /** The value that a mutation of this replica carried. */
  valueSent(rev: Rev, replica: string): Document | null | undefined {
    const sent = this.#sent.get(rev)
    return sent?.replica === replica ? sent.mutation.value : undefined
  }
}
