import { type Document, jsonEquals, type OpenConflict } from '@holdfast/core'
import { type Contact, FIELDS, textOf } from './contact.ts'
import { button, element } from './element.ts'

export type Side = 'mine' | 'theirs'

/** Both sides of one conflict, and a button for each. */
export function conflictCard(conflict: OpenConflict, choose: (side: Side) => void): HTMLLIElement {
  const { local, remote } = sidesOf(conflict)
  const name = (local ?? remote)?.name ?? conflict.id
  const rows = FIELDS.filter(
    (field) => local === null || remote === null || !jsonEquals(local[field], remote[field]),
  ).map((field) =>
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
    button('Keep mine', () => choose('mine')),
    button('Take theirs', () => choose('theirs')),
  )
}

/** The chosen side where both changed a field; elsewhere whatever one side changed. */
export function settledBy(side: Side, conflict: OpenConflict): Document | null {
  const { base, local, remote } = conflict
  const chosen = side === 'mine' ? local : remote
  if (local === null || remote === null || chosen === null) return chosen
  const settled = FIELDS.map((field) => {
    if (base !== null && jsonEquals(base[field], remote[field])) return [field, local[field]]
    if (base !== null && jsonEquals(base[field], local[field])) return [field, remote[field]]
    return [field, chosen[field]]
  })
  return { ...remote, ...Object.fromEntries(settled) }
}

function sidesOf({ local, remote }: OpenConflict) {
  return { local: local as Contact | null, remote: remote as Contact | null }
}

function cell(side: Contact | null, field: (typeof FIELDS)[number]): HTMLTableCellElement {
  if (side === null) return element('td', { className: 'deleted', textContent: 'deleted' })
  return element('td', { textContent: textOf(side[field]) || '–' })
}
