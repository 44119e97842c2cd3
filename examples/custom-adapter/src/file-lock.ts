import * as fs from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { isHoldfastError } from '@holdfast/core'
import { storeError } from '@holdfast/core/adapter'

/** Directories that this process has open: its own id in a lock says nothing after a restart. */
const held = new Set<string>()

/** Makes the directory this process's own; `store_locked` if a living one has it. Returns how to release it. */
export function takeLock(directory: string): () => void {
  const path = join(directory, 'lock')
  const owner = () => (fs.existsSync(path) ? Number(fs.readFileSync(path, 'utf8')) : 0)
  try {
    fs.mkdirSync(directory, { recursive: true })
    if (held.has(directory) || isAnother(owner())) throw storeError('store_locked')
    fs.rmSync(path, { force: true })
    fs.writeFileSync(path, String(process.pid), { flag: 'wx' })
  } catch (error) {
    throw isHoldfastError(error) ? error : storeError('store_unavailable', error)
  }
  held.add(directory)
  return () => {
    held.delete(directory)
    if (owner() === process.pid) fs.rmSync(path)
  }
}

function isAnother(pid: number): boolean {
  try {
    return pid > 0 && pid !== process.pid && process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'
  }
}
