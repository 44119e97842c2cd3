import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { storeError } from '@holdfast/core/adapter'

/** One record as a line: eight digits of checksum, a space, JSON, which has no line end of its own. */
export function lineOf(record: unknown): string {
  const json = JSON.stringify(record)
  return `${sumOf(json)} ${json}\n`
}

/**
 * The records of a log. A broken line at the very end is what a crash left of a batch that nobody
 * was told of; one with a whole line after it is damage.
 */
export function readLog(path: string): readonly unknown[] {
  const lines = fs.readFileSync(path, 'utf8').split('\n').slice(0, -1)
  const isWhole = (line: string) => line.slice(0, 9) === `${sumOf(line.slice(9))} `
  const end = lines.findIndex((line) => !isWhole(line))
  const whole = end === -1 ? lines : lines.slice(0, end)
  if (lines.slice(whole.length).some(isWhole)) throw storeError('store_corrupt')
  return whole.map((line) => JSON.parse(line.slice(9)))
}

/** Puts a new log in the place of the old one, as a whole, also across a crash. */
export function replaceLog(path: string, records: readonly unknown[]): void {
  fs.writeFileSync(`${path}.new`, records.map(lineOf).join(''), { flush: true })
  fs.renameSync(`${path}.new`, path)
  const directory = fs.openSync(dirname(path), 'r')
  fs.fsyncSync(directory)
  fs.closeSync(directory)
}

const sumOf = (text: string) => crc32(text).toString(16).padStart(8, '0')
