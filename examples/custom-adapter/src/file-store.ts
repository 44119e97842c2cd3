import { hash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { type HoldfastError, isHoldfastError, type LocalStore, type WriteBatch } from '@holdfast/core'
import { assertStorable, chooseDurability, storeError } from '@holdfast/core/adapter'
import { takeLock } from './file-lock.ts'
import { lineOf, readLog, replaceLog } from './file-log.ts'

const FORMAT = 1

const CAPABILITIES: LocalStore['capabilities'] = {
  durability: ['strict', 'relaxed'],
  binary: false,
  maxValueBytes: 64 * 1024 * 1024,
  sharedBetweenTabs: false,
}

interface Open {
  readonly log: string
  readonly file: number
  readonly entries: Map<string, string>
  readonly events: Parameters<LocalStore['open']>[1]
  readonly unlock: () => void
  /** What every further call fails with. */
  failure: HoldfastError | null
}

/**
 * A LocalStore over plain files, for one process at a time; each database is a directory in
 * `directory`. All entries are in memory. On disk there is one log of checksummed batches: a batch
 * is durable when its line is in the log, and an open writes the log anew with what stands.
 */
export function fileStore({ directory }: { readonly directory: string }): LocalStore {
  const pathOf = (name: string) => join(directory, `db-${hash('sha256', name)}`)
  let opened: Open | null = null

  /** The open database, if it is still the one on disk. */
  function present(): Open {
    if (opened === null) throw storeError('store_closed')
    if (opened.failure !== null) throw opened.failure
    const onDisk = fs.statSync(opened.log, { throwIfNoEntry: false })
    if (onDisk?.ino === fs.fstatSync(opened.file).ino) return opened
    opened.failure = storeError('store_lost')
    opened.events?.onLost?.(opened.failure)
    throw opened.failure
  }

  return {
    specVersion: 1,
    capabilities: CAPABILITIES,
    async open(name, events) {
      if (opened !== null) throw storeError('store_locked')
      const unlock = takeLock(pathOf(name))
      try {
        opened = { ...load(join(pathOf(name), 'log')), events, unlock, failure: null }
      } catch (error) {
        unlock()
        throw isHoldfastError(error) ? error : storeError('store_unavailable', error)
      }
    },
    async getMany(keys) {
      const { entries } = present()
      return keys.map((key) => entries.get(key))
    },
    async scan({ from, to, limit, reverse = false }) {
      const { entries } = present()
      const keys = [...entries.keys()].filter((key) => from <= key && key < to).sort()
      if (reverse) keys.reverse()
      return keys.slice(0, limit).map((key) => [key, entries.get(key) ?? ''])
    },
    async write(batch, { durability, expect } = {}) {
      const degree = chooseDurability(durability, CAPABILITIES)
      assertStorable(batch, CAPABILITIES)
      const open = present()
      if (expect !== undefined && (open.entries.get(expect.key) ?? null) !== expect.value)
        throw storeError('store_conflict')
      append(open, lineOf(batch), degree === 'strict')
      // Only a batch that stands in a file with a name is acknowledged.
      present()
      apply(open.entries, batch)
    },
    async close() {
      if (opened === null) return
      const { file, unlock } = opened
      opened = null
      fs.closeSync(file)
      unlock()
    },
    async destroy(name) {
      const unlock = takeLock(pathOf(name))
      fs.rmSync(pathOf(name), { recursive: true })
      unlock()
    },
  }
}

/** What stands in the log, which is then written anew: its first record says so, and its format. */
function load(log: string): Pick<Open, 'log' | 'file' | 'entries'> {
  const records = fs.existsSync(log) ? readLog(log) : [{ format: FORMAT }]
  if ((records[0] as { format?: unknown } | undefined)?.format !== FORMAT) throw storeError('store_corrupt')
  const entries = new Map<string, string>()
  for (const batch of records) apply(entries, batch as WriteBatch)
  replaceLog(log, [{ format: FORMAT, put: [...entries] }])
  return { log, entries, file: fs.openSync(log, 'a') }
}

function append(open: Open, line: string, isStrict: boolean): void {
  const { size } = fs.fstatSync(open.file)
  try {
    fs.appendFileSync(open.file, line)
    if (isStrict) fs.fsyncSync(open.file)
  } catch (error) {
    const isFull = /^(ENOSPC|EDQUOT)$/.test(String((error as { code?: unknown }).code))
    const failure = storeError(isFull ? 'store_full' : 'store_failed', error)
    try {
      // A part of the batch may stand: it must not be there when the next one is appended.
      fs.ftruncateSync(open.file, size)
    } catch {
      open.failure = failure
    }
    throw failure
  }
}

function apply(entries: Map<string, string>, batch: WriteBatch): void {
  for (const { from, to } of batch.deleteRanges ?? [])
    for (const key of entries.keys()) if (from <= key && key < to) entries.delete(key)
  for (const key of batch.delete ?? []) entries.delete(key)
  for (const [key, value] of batch.put ?? []) entries.set(key, value as string)
}
