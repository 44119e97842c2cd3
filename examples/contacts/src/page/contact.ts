export interface Contact {
  readonly id: string
  readonly name: string
  readonly phone: string
  readonly tags: readonly string[]
}

/** What a person types for one contact. */
export interface ContactFields {
  readonly name: string
  readonly phone: string
  readonly tags: readonly string[]
}

export const FIELDS = ['name', 'phone', 'tags'] as const

export function fieldsFrom(form: HTMLFormElement): ContactFields {
  const entered = new FormData(form)
  const text = (name: string) => String(entered.get(name) ?? '').trim()
  const tags = text('tags')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
  return { name: text('name'), phone: text('phone'), tags: [...new Set(tags)] }
}

/** One field as text. */
export function textOf(value: string | readonly string[] | undefined): string {
  return value === undefined || typeof value === 'string' ? (value ?? '') : value.join(', ')
}
