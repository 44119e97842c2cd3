import { type DocumentState, jsonEquals, type Patch } from '@holdfast/core'
import { type Contact, type ContactFields, FIELDS, fieldsFrom, textOf } from './contact.ts'
import { button, element } from './element.ts'

export interface RowActions {
  save(id: string, patch: Patch<Contact>): void
  remove(contact: Contact): void
}

export interface ContactRow {
  readonly item: HTMLLIElement
  /** Shows what the database has now; what is being typed stays. */
  show(contact: Contact, state: DocumentState): void
}

const BADGES: Record<DocumentState['kind'], string> = {
  synced: 'Synced',
  pending: 'Pending',
  inFlight: 'In flight',
  conflict: 'Conflict',
  failed: 'Failed',
  localOnly: 'Local',
  loading: '',
  absent: '',
}

export function createRow(first: Contact, actions: RowActions): ContactRow {
  let contact = first
  const name = element('strong')
  const phone = element('span', { className: 'phone' })
  const tags = element('span', { className: 'tags' })
  const badge = element('span', { className: 'badge' })
  const edit = button('Edit', () => startEditing())
  const remove = button('Delete', () => actions.remove(contact))
  const shown = element('div', { className: 'row' }, name, phone, tags, badge, edit, remove)
  const item = element('li', {}, shown)

  function startEditing(): void {
    const before = contact
    const stop = () => {
      item.replaceChildren(shown)
      edit.focus()
    }
    const form = editForm(before, stop)
    form.onsubmit = (event) => {
      event.preventDefault()
      actions.save(before.id, changesSince(before, fieldsFrom(form)))
      stop()
    }
    item.replaceChildren(form)
    form.querySelector('input')?.focus()
  }

  return {
    item,
    show(latest, state) {
      contact = latest
      name.textContent = latest.name
      phone.textContent = latest.phone
      tags.replaceChildren(...latest.tags.map((tag) => element('span', { className: 'tag' }, tag)))
      badge.textContent = BADGES[state.kind]
      badge.dataset.state = state.kind
      badge.title = state.kind === 'conflict' ? state.reason : ''
      edit.ariaLabel = `Edit ${latest.name}`
      remove.ariaLabel = `Delete ${latest.name}`
      item.ariaLabel = latest.name
    },
  }
}

function editForm(contact: Contact, onCancel: () => void): HTMLFormElement {
  const fields = FIELDS.map((field) => {
    const input = element('input', { name: field, value: textOf(contact[field]), autocomplete: 'off' })
    input.required = field === 'name'
    return element('label', {}, `${field.charAt(0).toUpperCase()}${field.slice(1)} `, input)
  })
  const save = element('button', { className: 'primary', textContent: 'Save' })
  const form = element('form', { className: 'fields' }, ...fields, save, button('Cancel', onCancel))
  form.ariaLabel = `Edit ${contact.name}`
  form.onkeydown = ({ key }) => {
    if (key === 'Escape') onCancel()
  }
  return form
}

/** Only what the person changed: what others changed meanwhile stays theirs. */
function changesSince(before: Contact, entered: ContactFields): Patch<Contact> {
  const changed = FIELDS.filter((field) => !jsonEquals(before[field], entered[field]))
  return Object.fromEntries(changed.map((field) => [field, entered[field]]))
}
