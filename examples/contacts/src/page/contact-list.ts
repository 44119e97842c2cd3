import type { DocumentState } from '@holdfast/core'
import type { Contact } from './contact.ts'
import { type ContactRow, createRow, type RowActions } from './contact-row.ts'

/** Shows contacts in the order given; a row stays the same element as long as its contact is there. */
export function createContactList(list: HTMLUListElement, actions: RowActions) {
  const rowsById = new Map<string, ContactRow>()
  return (contacts: readonly Contact[], stateOf: (id: string) => DocumentState): void => {
    const ids = new Set(contacts.map(({ id }) => id))
    for (const [id, row] of rowsById) {
      if (ids.has(id)) continue
      row.item.remove()
      rowsById.delete(id)
    }
    contacts.forEach((contact, index) => {
      const row = rowsById.get(contact.id) ?? createRow(contact, actions)
      rowsById.set(contact.id, row)
      row.show(contact, stateOf(contact.id))
      // Moving an element takes the focus from what is in it.
      if (list.children[index] !== row.item) list.insertBefore(row.item, list.children[index] ?? null)
    })
  }
}
