import type { OpenConflict } from '@holdfast/core'
import { type Contact, type FIELDS, textOf } from './contact.ts'
import { contestedFields, type Side } from './contested.ts'
import { button, element } from './element.ts'

/** Both sides of one conflict, and a button for each. */
export function conflictCard(conflict: OpenConflict, choose: (side: Side) => void): HTMLLIElement {
  const local = conflict.local as Contact | null
  const remote = conflict.remote as Contact | null
  const name = (local ?? remote)?.name ?? conflict.id
  const rows = contestedFields(conflict).map((field) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row', textContent: field }),
      cell(local, field),
      cell(remote, field),
    ),
  )
  const columns = ['', 'Mine', 'Theirs'].map((text) => element('th', { scope: 'col', textContent: text }))
  return element(
    'li',
    { className: 'card', ariaLabel: name },
    element('h3', { textContent: name }),
    element('p', { className: 'hint', textContent: conflict.reason }),
    element('table', {}, element('thead', {}, element('tr', {}, ...columns)), element('tbody', {}, ...rows)),
    button('Keep mine', () => choose('local')),
    button('Take theirs', () => choose('remote')),
  )
}

function cell(side: Contact | null, field: (typeof FIELDS)[number]): HTMLTableCellElement {
  if (side === null) return element('td', { className: 'deleted', textContent: 'deleted' })
  return element('td', { textContent: textOf(side[field]) || '–' })
}
