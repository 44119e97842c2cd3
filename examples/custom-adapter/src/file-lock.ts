import * as fs from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { failure, storeError } from './file-errors.ts'

/** Directories that this process has open: its own id in a lock says nothing after a restart. */
const held = new Set<string>()

/**
 * Takes the directory for this process; `store_locked` if a living one has it. The lock of a dead
 * process is taken over. (Two that take over one dead lock in the same instant are not told apart:
 * a store for production wants a lock of the operating system.)
 */
export function takeLock(directory: string): () => void {
  const path = join(directory, 'lock')
  if (held.has(directory)) throw storeError('store_locked')
  const owner = ownerOf(path)
  if (owner !== null && owner !== process.pid && isAlive(owner)) throw storeError('store_locked')
  try {
    fs.rmSync(path, { force: true })
    fs.writeFileSync(path, String(process.pid), { flag: 'wx' })
  } catch (error) {
    const isTaken = (error as { code?: unknown }).code === 'EEXIST'
    throw isTaken ? storeError('store_locked') : failure(error, 'store_unavailable')
  }
  held.add(directory)
  return () => {
    held.delete(directory)
    fs.rmSync(path, { force: true })
  }
}

function ownerOf(path: string): number | null {
  try {
    return Number(fs.readFileSync(path, 'utf8')) || null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'
  }
}
