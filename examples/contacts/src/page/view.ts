import { type DocumentRef, isHoldfastError } from '@holdfast/core'
import { conflictCard } from './conflict-card.ts'
import { fieldsFrom } from './contact.ts'
import { createContactList } from './contact-list.ts'
import type { Side } from './contested.ts'
import type { ContactsDatabase } from './database.ts'
import { find } from './element.ts'
import { failedCard } from './failed-card.ts'
import { showStatus } from './status-line.ts'

/** Shows the database and follows it; writes go straight to it and wait for no network. */
export function bindView(db: ContactsDatabase) {
  const problem = find('#problem', HTMLElement)
  const contacts = db.contacts.live({ orderBy: { name: 'asc' } })

  /** Shows what went wrong, if something does. */
  function attempt(work: Promise<unknown>): void {
    problem.hidden = true
    work.catch((error: unknown) => {
      problem.textContent = isHoldfastError(error) ? `${error.code}: ${error.message}` : String(error)
      problem.hidden = false
    })
  }

  const showContacts = createContactList(find('#list', HTMLUListElement), {
    save: (id, patch) => {
      if (Object.keys(patch).length > 0) attempt(db.contacts.update(id, patch))
    },
    remove: ({ id }) => attempt(db.contacts.delete(id)),
  })

  function settle({ collection, id }: DocumentRef, take: Side): void {
    attempt(db.conflicts.resolve({ collection, id, take }))
  }

  function show(): void {
    const found = contacts.getSnapshot()
    showContacts(found, (id) => db.contacts.stateOf(id))
    find('#count', HTMLElement).textContent = String(found.length)
    find('#empty', HTMLElement).hidden = found.length > 0
    showStatus(find('#status', HTMLElement), db.sync.status.getSnapshot())
    showCards(
      '#conflicts',
      db.conflicts.list().map((conflict) => conflictCard(conflict, (side) => settle(conflict, side))),
    )
    showCards(
      '#failed',
      db.failed.list().map((each) =>
        failedCard(each, {
          retry: (failed) => attempt(db.failed.retry(failed)),
          discard: (failed) => attempt(db.failed.discard(failed)),
        }),
      ),
    )
  }

  const form = find('#add', HTMLFormElement)
  form.onsubmit = (event) => {
    event.preventDefault()
    attempt(db.contacts.insert(fieldsFrom(form)))
    form.reset()
    form.querySelector('input')?.focus()
  }

  find('#add button', HTMLButtonElement).disabled = false

  // The badges follow the status, which changes with every commit.
  const showSoon = oncePerTurn(show)
  contacts.subscribe(showSoon)
  db.sync.status.subscribe(showSoon)
  show()
  return { attempt }
}

/** Keeps the cards as they are while they say the same, so that no button vanishes under a finger. */
function showCards(selector: string, cards: readonly HTMLElement[]): void {
  const section = find(selector, HTMLElement)
  const list = find(`${selector} ul`, HTMLUListElement)
  section.hidden = cards.length === 0
  if (list.innerHTML === cards.map(({ outerHTML }) => outerHTML).join('')) return
  list.replaceChildren(...cards)
}

/** Many changes in one turn are shown once. */
function oncePerTurn(run: () => void): () => void {
  let isQueued = false
  return () => {
    if (isQueued) return
    isQueued = true
    queueMicrotask(() => {
      isQueued = false
      run()
    })
  }
}
