import { LOG_PREFIX, numberOfLogKey } from '../../src/keys.ts'
import { type Answer, type Attributes, type Body, callEngine, failure, sleep, usedIn } from './engine.ts'
import type { Levers } from './levers.ts'
import type { LaggingReplica } from './replica.ts'

interface Write {
  readonly TableName: string
  readonly Item?: Attributes
  readonly Key?: Attributes
  readonly UpdateExpression?: string
  readonly ConditionExpression?: string
  readonly ExpressionAttributeNames?: Record<string, string>
  readonly ExpressionAttributeValues?: Attributes
  readonly ReturnValuesOnConditionCheckFailure?: string
}

interface Step {
  readonly write: Write
  readonly key: string
  readonly keyOf: Attributes
}

/**
 * TransactWriteItems in two phases, as AWS describes it: every item is locked and its condition
 * checked; then each item is written by itself, in no order, and unlocked as it is written. What
 * finds an item locked is a TransactionConflict. A request token makes a second copy of a
 * transaction the same transaction.
 */
export class TwoPhase {
  readonly #endpoint: string
  readonly #random: () => number
  readonly #replica: LaggingReplica
  readonly #locked = new Set<string>()
  /** How often each item was locked: a read over several items sees whether it was disturbed. */
  readonly #lockCounts = new Map<string, number>()
  readonly #tokens = new Map<string, 'at work' | 'done'>()
  levers: Levers

  constructor(endpoint: string, options: { random: () => number; replica: LaggingReplica; levers: Levers }) {
    this.#endpoint = endpoint
    this.#random = options.random
    this.#replica = options.replica
    this.levers = options.levers
  }

  async write(body: Body): Promise<Answer> {
    const token = String(body.ClientRequestToken ?? '')
    const known = this.#tokens.get(token)
    if (known === 'done') return { status: 200, body: {} }
    if (known === 'at work') return failure('TransactionInProgressException')
    this.#tokens.set(token, 'at work')
    const steps = numbered((body.TransactItems as Record<string, Write>[]).map(stepOf))
    const answer = await this.#run(steps)
    if (answer.status === 200 && token !== '') this.#tokens.set(token, 'done')
    else this.#tokens.delete(token)
    return answer
  }

  /** TransactGetItems: conflicts with a transaction that is at work on one of its items, before or meanwhile. */
  async read(body: Body): Promise<Answer> {
    const keys = (body.TransactItems as { Get: Write }[]).map(({ Get }) =>
      keyText(Get.TableName, Get.Key ?? {}),
    )
    const busy = keys.map((key) => this.#locked.has(key))
    const before = keys.map((key) => this.#lockCounts.get(key))
    const answer = busy.includes(true) ? null : await callEngine(this.#endpoint, 'TransactGetItems', body)
    const disturbed = keys.map((key, i) => busy[i] === true || this.#lockCounts.get(key) !== before[i])
    return answer === null || disturbed.includes(true) ? cancelled(disturbed.map(conflictIf)) : answer
  }

  async #run(steps: readonly Step[]): Promise<Answer> {
    const taken = steps.map(({ key }) => this.#locked.has(key))
    if (taken.includes(true)) return cancelled(taken.map(conflictIf))
    for (const { key } of steps) {
      this.#locked.add(key)
      this.#lockCounts.set(key, (this.#lockCounts.get(key) ?? 0) + 1)
    }
    if (this.#random() < this.levers.throttle)
      return this.#release(steps, cancelled(this.#throttleOne(steps.length)))
    const refused = await this.#check(steps)
    if (refused !== null) return this.#release(steps, refused)
    await sleep(this.#random() * this.levers.prepareMs)
    await this.#applyAll(steps)
    return { status: 200, body: {} }
  }

  async #applyAll(steps: readonly Step[]): Promise<void> {
    const { hold } = this.levers
    const held = hold === null ? [] : steps.filter(({ keyOf }) => hold.isHeld(keyOf.sk?.S ?? ''))
    const apply = (some: readonly Step[]) =>
      Promise.all(some.map((step) => this.#apply(step, this.#delayOf(step))))
    await apply(steps.filter((step) => !held.includes(step)))
    if (held.length > 0) await hold?.restIsVisible()
    await apply(held)
  }

  #delayOf({ key }: Step): number {
    const late = key.includes('|L#') && this.#random() < this.levers.lateLog.chance
    return this.#random() * (late ? this.levers.lateLog.ms : this.levers.spreadMs)
  }

  #throttleOne(length: number): Body[] {
    const at = Math.floor(this.#random() * length)
    return Array.from({ length }, (_, i) => ({ Code: i === at ? 'ThrottlingError' : 'None' }))
  }

  #release(steps: readonly Step[], answer: Answer): Answer {
    for (const { key } of steps) this.#locked.delete(key)
    return answer
  }

  async #check(steps: readonly Step[]): Promise<Answer | null> {
    const places: number[] = []
    const checks: Body[] = []
    for (const [place, { write, keyOf }] of steps.entries()) {
      const condition = write.ConditionExpression
      if (condition === undefined || (isHead(keyOf) && this.#random() < this.levers.ignoreHead)) continue
      places.push(place)
      checks.push({
        ConditionCheck: {
          TableName: write.TableName,
          Key: keyOf,
          ConditionExpression: condition,
          ExpressionAttributeNames: usedIn(condition, write.ExpressionAttributeNames),
          ExpressionAttributeValues: usedIn(condition, write.ExpressionAttributeValues),
          ReturnValuesOnConditionCheckFailure: write.ReturnValuesOnConditionCheckFailure,
        },
      })
    }
    if (checks.length === 0) return null
    const answer = await callEngine(this.#endpoint, 'TransactWriteItems', { TransactItems: checks })
    if (answer.status === 200) return null
    const told = answer.body.CancellationReasons as Body[] | undefined
    if (told === undefined) return answer
    const reasons: Body[] = steps.map(() => ({ Code: 'None' }))
    for (const [i, place] of places.entries()) reasons[place] = told[i] ?? { Code: 'None' }
    return cancelled(this.#random() < this.levers.hideReasons ? this.#hideAllButOne(reasons) : reasons)
  }

  #hideAllButOne(reasons: readonly Body[]): Body[] {
    const failed = reasons.flatMap(({ Code }, place) => (Code === 'None' ? [] : [place]))
    const shown = failed[Math.floor(this.#random() * failed.length)]
    return reasons.map((reason, place) => (place === shown ? reason : { Code: 'None' }))
  }

  async #apply({ write, key, keyOf }: Step, delay: number): Promise<void> {
    await sleep(delay)
    const { TableName } = write
    if (write.Item !== undefined) await this.#must('PutItem', { TableName, Item: write.Item })
    else if (write.UpdateExpression !== undefined) {
      await this.#must('UpdateItem', {
        TableName,
        Key: keyOf,
        UpdateExpression: write.UpdateExpression,
        ExpressionAttributeNames: usedIn(write.UpdateExpression, write.ExpressionAttributeNames),
        ExpressionAttributeValues: usedIn(write.UpdateExpression, write.ExpressionAttributeValues),
      })
    }
    if (this.levers.staleMs > 0) {
      const { Item } = await this.#must('GetItem', { TableName, Key: keyOf, ConsistentRead: true })
      this.#replica.put(TableName, key, Item as Attributes, this.#random() * this.levers.staleMs)
    }
    this.#locked.delete(key)
  }

  async #must(operation: string, body: Body): Promise<Body> {
    const answer = await callEngine(this.#endpoint, operation, body)
    if (answer.status !== 200)
      throw new Error(`${operation} of a commit failed: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
}

function stepOf(item: Record<string, Write>): Step {
  const write = item.Put ?? item.Update ?? item.ConditionCheck
  if (write === undefined) throw new Error(`The model knows no ${Object.keys(item)}`)
  const { pk, sk } = write.Key ?? write.Item ?? {}
  if (pk === undefined || sk === undefined) throw new Error('An item without its key.')
  return { write, key: keyText(write.TableName, { pk, sk }), keyOf: { pk, sk } }
}

/** Adds to each document the number that wrote it, for an index that the product does without. */
function numbered(steps: readonly Step[]): Step[] {
  const log = steps.map(({ keyOf }) => keyOf.sk?.S ?? '').find((key) => key.startsWith(LOG_PREFIX))
  if (log === undefined) return [...steps]
  const n = { N: String(numberOfLogKey(log)) }
  return steps.map((step) => {
    const { Item, UpdateExpression = '', ExpressionAttributeNames, ExpressionAttributeValues } = step.write
    if (!step.keyOf.sk?.S?.startsWith('D#')) return step
    const write =
      Item === undefined
        ? {
            ...step.write,
            UpdateExpression: UpdateExpression.replace('SET ', 'SET #number = :number, '),
            ExpressionAttributeNames: { ...ExpressionAttributeNames, '#number': 'n' },
            ExpressionAttributeValues: { ...ExpressionAttributeValues, ':number': n },
          }
        : { ...step.write, Item: { ...Item, n } }
    return { ...step, write }
  })
}

function keyText(table: string, key: Attributes): string {
  return `${table}|${key.pk?.S}|${key.sk?.S}`
}

const isHead = (key: Attributes) => key.sk?.S === '!head'

const conflictIf = (busy: boolean): Body => ({ Code: busy ? 'TransactionConflict' : 'None' })

function cancelled(reasons: Body[]): Answer {
  return failure('TransactionCanceledException', { CancellationReasons: reasons })
}
