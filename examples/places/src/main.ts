import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Backend, BackendName } from './backends/backend.ts'
import { startDynamoDbBackend } from './backends/dynamodb.ts'
import { startSupabaseBackend } from './backends/supabase.ts'
import { type Cleanup, openCleanup } from './cleanup.ts'
import { Disagreement } from './compare.ts'
import { type DemoOptions, parseOptions } from './options.ts'
import { ATTRIBUTION, largestPlaces } from './place-list.ts'
import type { Place } from './places.ts'
import { scenarioFor } from './scenario.ts'
import { openScene } from './scene.ts'
import type { ConflictReport } from './steps/conflicts.ts'
import { count } from './steps/step.ts'
import { conflictTable, print, runSteps, seconds, summaryTable, type Timed } from './terminal.ts'

const STARTS: Readonly<Record<BackendName, () => Promise<Backend>>> = {
  supabase: startSupabaseBackend,
  dynamodb: startDynamoDbBackend,
}

type Row = Timed & { readonly backend: string }

async function demo(options: DemoOptions, cleanup: Cleanup): Promise<void> {
  const started = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-places-'))
  if (options.keep) print(`The devices' databases are kept in ${folder}`)
  else cleanup.add(() => rm(folder, { recursive: true, force: true }))
  // Besides those that device A enters, places that the later steps enter.
  const all = largestPlaces(Math.ceil(options.places * 1.5) + 100)
  const [places, spare] = [all.slice(0, options.places), all.slice(options.places)]
  print(`${count(places.length)} places. ${ATTRIBUTION}`)

  const rows: Row[] = []
  const backends: Backend[] = []
  await runSteps(
    options.only.map((name) => ({
      title: `Start ${name} on a free port of 127.0.0.1`,
      async run() {
        const backend = await STARTS[name]()
        cleanup.add(() => backend.stop())
        backends.push(backend)
        return backend.title
      },
    })),
    (timed) => rows.push({ ...timed, backend: 'set-up' }),
  )
  for (const backend of backends)
    rows.push(...(await runOn(backend, { options, cleanup, folder, places, spare })))

  print(`\n${summaryTable(rows)}`)
  print(`\nAll agree. ${seconds(performance.now() - started)} in all.`)
}

async function runOn(
  backend: Backend,
  {
    options,
    cleanup,
    ...stage
  }: {
    options: DemoOptions
    cleanup: Cleanup
    folder: string
    places: readonly Place[]
    spare: readonly Place[]
  },
): Promise<Row[]> {
  print(`\n${backend.title}`)
  const scene = await openScene(backend, stage)
  cleanup.add(() => scene.close())
  let reports: readonly ConflictReport[] = []
  const onConflicts = (told: readonly ConflictReport[]) => {
    reports = told
  }
  const rows: Row[] = []
  const steps = scenarioFor(scene, { tamper: options.tamper, onConflicts }).map(({ title, run }) => ({
    title,
    run: (progress: Parameters<typeof run>[1]) => run(scene, progress),
  }))
  await runSteps(steps, (timed) => rows.push({ ...timed, backend: backend.name }))
  await scene.close()
  print(`\n${conflictTable(reports)}`)
  return rows
}

function explain(error: unknown): string {
  if (error instanceof Disagreement) return error.message
  return (error instanceof Error ? error.stack : undefined) ?? String(error)
}

const options = parseOptions(process.argv)
const cleanup = openCleanup()
try {
  await demo(options, cleanup)
} catch (error) {
  process.exitCode = 1
  if (!cleanup.isInterrupted) process.stderr.write(`\n${explain(error)}\n`)
} finally {
  await cleanup.run()
}
