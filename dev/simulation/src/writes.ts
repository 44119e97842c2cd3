import { isHoldfastError } from '@holdfast/core'
import { type CollectionName, type Item, NAMES } from './documents.ts'
import type { Step, StepKind } from './plan.ts'
import type { Session } from './session.ts'
import { Violation } from './violation.ts'

type Db = NonNullable<Session['db']>

interface Write {
  readonly db: Db
  readonly step: Step
  readonly name: CollectionName
  readonly id: string
}

const FIELDS = ['a', 'b', 'c', 'o'] as const

/** A value that nobody else writes: the step's number, and which of its values it is. */
const token = ({ no }: Step, which: number | string = '') => `v${no}${which === '' ? '' : `.${which}`}`

/** Some fields of the document, each with a token of its own. The caller's object is frozen: core may not touch it. */
function fieldsOf(step: Step, salt = ''): Omit<Item, 'id'> {
  const fields: Record<string, unknown> = {}
  const mask = 1 + Math.floor(step.x * 15)
  for (const [i, field] of FIELDS.entries()) {
    if (((mask >> i) & 1) === 0) continue
    const value = token(step, `${field}${salt}`)
    fields[field] = field === 'o' ? Object.freeze({ [step.y < 0.5 ? 'x' : 'y']: value }) : value
  }
  return Object.freeze(fields)
}

const WRITES: Partial<Record<StepKind, (write: Write) => Promise<unknown>>> = {
  put: ({ db, step, name, id }) =>
    db[name].put(
      Object.freeze({ id, ...fieldsOf(step) }),
      step.y < 0.15 ? { durability: 'strict' } : undefined,
    ),
  insert: ({ db, step, name, id }) => db[name].insert(Object.freeze({ id, ...fieldsOf(step) })),
  update: ({ db, step, name, id }) => db[name].update(id, fieldsOf(step)),
  unset: ({ db, step, name, id }) =>
    db[name].update(id, Object.freeze({ a: token(step, 'a') }), { unset: [step.x < 0.5 ? 'b' : 'c'] }),
  delete: ({ db, name, id }) => db[name].delete(id),
  insertMany: ({ db, step, name }) =>
    db[name].insertMany([1, 2, 3].map((n) => Object.freeze({ id: `m${step.no}-${n}`, a: token(step, n) }))),
  burst: ({ db, step, name, id }) =>
    allOf([
      db[name].put(Object.freeze({ id, a: token(step, 1) })),
      db[name].put(Object.freeze({ id, a: token(step, 2) })),
      db.tasks.put(Object.freeze({ id, b: token(step, 3) }), step.x < 0.5 ? { durability: 'strict' } : {}),
      db[name].update(id, Object.freeze({ c: token(step, 4) })),
    ]),
  transact: ({ db, step, name, id }) =>
    db.transact(async (tx) => {
      const other = NAMES[Math.floor(step.y * NAMES.length)] as CollectionName
      const otherId = `d${Math.floor(step.x * 3)}`
      if (step.x < 0.3) await tx[name].delete(id)
      else await tx[name].put(Object.freeze({ id, ...fieldsOf(step) }))
      if (other !== name || otherId !== id)
        await tx[other].put(Object.freeze({ id: otherId, ...fieldsOf(step, 't') }))
    }),
}

/** Writes made at once: each is told of its own outcome, and one that fails takes only those along that build on it. */
async function allOf(writes: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(writes)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

export const isWrite = (kind: StepKind): boolean => kind in WRITES

/** Starts a write, and follows it: what is acknowledged is on disk, what fails says why. */
export function startWrite(session: Session, step: Step): void {
  const { world } = session.device
  const { db } = session
  const write = WRITES[step.kind]
  if (db === null || write === undefined) return
  const name = NAMES[step.collection] as CollectionName
  const id = `d${step.document}`
  const what = `${session.name} ${step.kind} ${name}/${id} v${step.no}`
  world.operations++
  world.say(what)
  const known = new Set(session.device.model.known.keys())
  world.await(
    write({ db, step, name, id }).then(
      (result) => {
        world.hits.hit(`${step.kind} acknowledged`)
        world.say(`${what}: acknowledged`)
        if (session.isDead) throw new Violation('S1', 'a tab that died was told of its write')
        if (!session.isBroken) checkAcknowledged(session, { step, result, known })
      },
      (error: unknown) => {
        if (!isHoldfastError(error)) throw error
        world.hits.hit(`${step.kind} refused`)
        world.say(`${what}: ${error.code}`)
      },
    ),
  )
}

/** Each token that the write carried belongs to a mutation on disk. */
function checkAcknowledged(
  session: Session,
  { step, result, known }: { step: Step; result: unknown; known: ReadonlySet<string> },
): void {
  const { model } = session.device
  if (step.kind === 'delete') {
    if (result === true && ![...model.known.keys()].some((id) => !known.has(id)))
      throw new Violation('S1', `the deletion of step ${step.no} is not on disk`)
    return
  }
  if (step.kind === 'transact' && step.x < 0.3) return
  const id = session.idOfStep(step.no)
  if (id === undefined || !model.known.has(id))
    throw new Violation('S1', `the write of step ${step.no} was acknowledged and is not on disk`)
}
