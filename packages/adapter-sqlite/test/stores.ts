import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HoldfastError, LocalStore } from '@holdfast/core'
import { onTestFinished } from 'vitest'
import { sqlite } from '../src/index.ts'

/** A directory that is gone when the test is over. */
export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export interface Opened {
  readonly store: LocalStore
  readonly path: string
  readonly losses: HoldfastError[]
}

export async function openStore(path = join(freshDirectory(), 'db.sqlite'), name = 'app'): Promise<Opened> {
  const store = sqlite({ path })
  const losses: HoldfastError[] = []
  onTestFinished(() => store.close())
  await store.open(name, { onLost: (error) => losses.push(error) })
  return { store, path, losses }
}

export { codeOf } from './codes.ts'

export const everything = (store: LocalStore) => store.scan({ from: '', to: '\uffff' })
