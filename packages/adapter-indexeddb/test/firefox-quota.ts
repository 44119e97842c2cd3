import { onTestFinished, vi } from 'vitest'

/** What the browser was asked for in a transaction. */
interface Asked {
  last?: IDBRequest
  hasRead?: boolean
  hasCommitted?: boolean
}

/**
 * A fake of what Firefox 153 does over its quota, until the test is over. The request that puts
 * `refused` fails with the reason. After `commit` that aborts the transaction only if it is the last
 * request and nothing was read before; then the transaction says no more than that it was aborted.
 * Otherwise it completes without what was refused.
 */
export function refuseAsFirefox(refused: string): void {
  const { get, put } = IDBObjectStore.prototype
  const asked = new WeakMap<IDBTransaction, Asked>()
  const ask = (transaction: IDBTransaction, more: Asked) =>
    asked.set(transaction, { ...asked.get(transaction), ...more })
  const gets = vi.spyOn(IDBObjectStore.prototype, 'get')
  const puts = vi.spyOn(IDBObjectStore.prototype, 'put')
  const commits = vi.spyOn(IDBTransaction.prototype, 'commit')
  // On a page of localhost Dexie prints each failure.
  const traces = vi.spyOn(console, 'trace').mockImplementation(() => {})
  onTestFinished(() => {
    for (const spy of [gets, puts, commits, traces]) spy.mockRestore()
  })
  // What is not committed here commits by itself.
  commits.mockImplementation(function commit(this: IDBTransaction) {
    ask(this, { hasCommitted: true })
  })
  gets.mockImplementation(function read(this: IDBObjectStore, key: IDBValidKey | IDBKeyRange) {
    ask(this.transaction, { hasRead: true })
    return get.call(this, key)
  })
  puts.mockImplementation(function write(this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
    const { transaction } = this
    const isRefused = value === refused
    const last: IDBRequest<IDBValidKey> = isRefused ? get.call(this, '') : put.call(this, value, key)
    ask(transaction, { last })
    const fail = (event: Event) => {
      event.stopImmediatePropagation()
      const { hasCommitted = false, hasRead = false, last: end } = asked.get(transaction) ?? {}
      const isPrevented = tellError(last, transaction)
      if (hasCommitted ? last !== end || hasRead : isPrevented) return
      failWith(transaction, hasCommitted ? 'AbortError' : 'QuotaExceededError')
      transaction.abort()
    }
    if (isRefused) last.addEventListener('success', fail)
    return last
  })
}

/** True if what listens keeps the failure from aborting the transaction. */
function tellError(request: IDBRequest, transaction: IDBTransaction): boolean {
  failWith(request, 'QuotaExceededError')
  const event = new Event('error', { cancelable: true })
  Object.defineProperty(event, 'target', { value: request })
  request.onerror?.(event)
  transaction.onerror?.(event)
  return event.defaultPrevented
}

function failWith(target: IDBTransaction | IDBRequest, name: string): void {
  Object.defineProperty(target, 'error', { get: () => new DOMException('A fake.', name) })
}
