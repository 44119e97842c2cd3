import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { freePort } from './free-port.ts'

/**
 * The server ends with its parent, however the parent ends: a reader of the inherited pipe kills
 * it at end of file. A line on the pipe (a normal stop) ends the reader alone.
 */
const LIFELINE = 'exec 3<&0; (read -r _ <&3 || kill $$) & exec "$0" "$@" 3<&- </dev/null'
const READY_MS = 10_000
const ATTEMPTS = 3

export interface DynamoDbServer {
  /** `http://127.0.0.1:<port>`; takes any region and any credentials. */
  readonly endpoint: string
  stop(): Promise<void>
}

export interface DynamoDbOptions {
  /** A free one by default. */
  readonly port?: number
  /** A file that keeps the tables; in memory by default. */
  readonly dbPath?: string
}

/**
 * Starts the embedded DynamoDB-compatible engine. Where it does not exist for this platform,
 * `DYNAMODB_ENDPOINT` is used, and its absence is an error that says what is missing.
 */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<DynamoDbServer> {
  const binary = findDynamoDb()
  if (binary === undefined) return outsideServer()
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(binary, options.port ?? (await freePort()), options.dbPath)
    } catch (error) {
      if (options.port !== undefined || attempt === ATTEMPTS) throw error
    }
  }
}

/** Path of the engine's program for this platform, or undefined. */
export function findDynamoDb(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/dynoxide`)
  } catch {
    return undefined
  }
}

function outsideServer(): DynamoDbServer {
  const endpoint = process.env.DYNAMODB_ENDPOINT
  if (endpoint === undefined) {
    throw new Error(
      `No embedded DynamoDB engine for ${process.platform}-${process.arch} (package ` +
        `@dynoxide/${process.platform}-${process.arch} is not installed). Start a DynamoDB-compatible ` +
        'server with transactions yourself and set DYNAMODB_ENDPOINT to its address.',
    )
  }
  return { endpoint, stop: async () => {} }
}

async function launch(binary: string, port: number, dbPath: string | undefined): Promise<DynamoDbServer> {
  const args = ['serve', '--host', '127.0.0.1', '--port', String(port)]
  if (dbPath !== undefined) args.push('--db-path', dbPath)
  const server = spawn('/bin/sh', ['-c', LIFELINE, binary, ...args], { stdio: 'pipe' })
  const exited = once(server, 'exit')
  // The program may be gone before its pipe is written to.
  server.stdin.on('error', () => {})
  exited.then(
    () => server.stdin.end('\n'),
    () => {},
  )
  const stop = async () => {
    server.kill('SIGTERM')
    await exited
  }
  let said = ''
  const ready = new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`DynamoDB engine not ready in ${READY_MS} ms: ${said}`)),
      READY_MS,
    )
    const listen = (chunk: Buffer) => {
      said += chunk.toString()
      if (!said.includes('listening on')) return
      clearTimeout(late)
      resolve()
    }
    server.stdout.on('data', listen)
    server.stderr.on('data', listen)
    exited.then(
      () => {
        clearTimeout(late)
        reject(new Error(`DynamoDB engine ended before it was ready: ${said}`))
      },
      (error: unknown) => {
        clearTimeout(late)
        reject(error)
      },
    )
  })
  try {
    await ready
  } catch (error) {
    server.kill('SIGKILL')
    throw error
  }
  return { endpoint: `http://127.0.0.1:${port}`, stop }
}
