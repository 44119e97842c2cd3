import type { SyncStatus } from '@holdfast/core'
import { element } from './element.ts'

const STATES: Record<SyncStatus['state'], string> = {
  stopped: 'Not syncing',
  offline: 'Offline',
  idle: 'Online',
  syncing: 'Syncing …',
  waiting: 'Waiting to try again',
  paused: 'Paused',
  lost: 'The local database is gone',
  closed: 'Closed',
}

/** What sync does now, how much waits, when it last went through, and what stopped it. */
export function showStatus(line: HTMLElement, status: SyncStatus): void {
  const { state, pending, lastSyncAt, error, droppedAt } = status
  const parts = [
    element('span', { className: 'state', textContent: STATES[state] }),
    element('span', { textContent: `${pending} pending` }),
    element('span', { textContent: lastSyncText(lastSyncAt) }),
  ]
  if (error !== null && state !== 'offline') {
    parts.push(element('span', { className: 'error', textContent: `${error.code}: ${error.message}` }))
  }
  if (droppedAt !== null) {
    const textContent = `The browser lost its data on ${new Date(droppedAt).toLocaleDateString()}: what had not been synced is gone`
    parts.push(element('span', { className: 'error', textContent }))
  }
  line.dataset.state = state
  line.dataset.pending = String(pending)
  line.replaceChildren(...parts)
}

function lastSyncText(at: number | null): string {
  if (at === null) return 'not synced since this page was opened'
  return `last sync ${new Date(at).toLocaleTimeString()}`
}
