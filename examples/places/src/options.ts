import { Command, InvalidArgumentError, Option } from 'commander'
import type { BackendName } from './backends/backend.ts'

export interface DemoOptions {
  readonly places: number
  readonly only: readonly BackendName[]
  readonly keep: boolean
  readonly tamper: boolean
}

/** Every kind of conflict needs some places of its own. */
const LEAST = 50
const MOST = 50_000
const BACKENDS: readonly BackendName[] = ['supabase', 'dynamodb']

export function parseOptions(argv: readonly string[]): DemoOptions {
  return new Command('places')
    .description(
      'Two devices, two backends, some thousands of real places: offline writes, sync, conflicts, a killed process. ' +
        'Starts all servers itself, on 127.0.0.1, and ends them. Exits with 1 and the difference when two copies disagree.',
    )
    .option('--places <n>', `how many places device A enters (${LEAST} to ${MOST})`, placesFrom, 5000)
    .option('--only <backends>', `any of ${BACKENDS.join(',')}`, backendsFrom, BACKENDS)
    .option('--keep', "keep the devices' databases and print where they are", false)
    .addOption(
      new Option('--tamper', 'for tests: change one document on the server unseen, which must be found')
        .default(false)
        .hideHelp(),
    )
    .parse([...argv])
    .opts<DemoOptions>()
}

function placesFrom(text: string): number {
  const places = Number(text)
  if (!Number.isInteger(places) || places < LEAST || places > MOST) {
    throw new InvalidArgumentError(`A whole number from ${LEAST} to ${MOST}.`)
  }
  return places
}

function backendsFrom(text: string): BackendName[] {
  const names = text.split(',')
  const unknown = names.find((name) => !BACKENDS.includes(name as BackendName))
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${BACKENDS.join(', ')}.`)
  return BACKENDS.filter((name) => names.includes(name))
}
