import * as fs from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { storeError } from './file-errors.ts'

/** One record as a line: eight digits of checksum, a space, JSON. JSON has no line end of its own. */
export function frame(record: object): Buffer {
  const json = JSON.stringify(record)
  return Buffer.from(`${sumOf(json)} ${json}\n`)
}

/**
 * The whole records of a log, and where they end. A broken line at the very end is what a crash
 * left of a batch that nobody was told of; one with a whole line after it is damage.
 */
export function framesOf(bytes: Buffer): { readonly frames: readonly unknown[]; readonly size: number } {
  const frames: unknown[] = []
  let size = 0
  let isBroken = false
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start)
    const line = end === -1 ? null : recordOf(bytes.toString('utf8', start, end))
    if (line === null) isBroken = true
    else if (isBroken) throw storeError('store_corrupt')
    else {
      frames.push(line.record)
      size = end + 1
    }
    if (end === -1) break
    start = end + 1
  }
  return { frames, size }
}

/** Puts a new log in the place of the old one, as a whole, also across a crash; returns its size. */
export function replaceLog(path: string, frames: readonly Buffer[]): number {
  const bytes = Buffer.concat(frames)
  fs.writeFileSync(join(path, 'log.new'), bytes, { flush: true })
  fs.renameSync(join(path, 'log.new'), join(path, 'log'))
  const directory = fs.openSync(path, 'r')
  fs.fsyncSync(directory)
  fs.closeSync(directory)
  return bytes.length
}

function recordOf(line: string): { readonly record: unknown } | null {
  const json = line.slice(9)
  return line.slice(0, 8) === sumOf(json) ? { record: JSON.parse(json) } : null
}

const sumOf = (text: string) => crc32(text).toString(16).padStart(8, '0')
