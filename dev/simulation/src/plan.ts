import { drawConfig, type Fault, type SwarmConfig } from './config.ts'
import { createDice, type Dice } from './dice.ts'

/** Kinds of steps with how often they are drawn, and the fault that they need to be on. */
const KINDS = {
  put: { weight: 14 },
  insert: { weight: 5 },
  update: { weight: 18 },
  unset: { weight: 3 },
  delete: { weight: 6 },
  transact: { weight: 6 },
  burst: { weight: 3 },
  insertMany: { weight: 1 },
  idle: { weight: 6 },
  syncNow: { weight: 4 },
  optimize: { weight: 6 },
  openTab: { weight: 5 },
  closeTab: { weight: 2 },
  retry: { weight: 2 },
  discard: { weight: 1 },
  resolve: { weight: 3 },
  hideTab: { weight: 1 },
  goOffline: { weight: 1.5 },
  goOnline: { weight: 3 },
  crashTab: { weight: 4, fault: 'crashes' },
  crashDevice: { weight: 3, fault: 'crashes' },
  cutPower: { weight: 5, fault: 'power cuts' },
  syncDisk: { weight: 1, fault: 'power cuts' },
  freeze: { weight: 4, fault: 'frozen tabs' },
  thaw: { weight: 4, fault: 'frozen tabs' },
  stealLock: { weight: 4, fault: 'stolen locks' },
  failWrites: { weight: 5, fault: 'failing disk' },
  fillDisk: { weight: 3, fault: 'full disk' },
  freeDisk: { weight: 5, fault: 'full disk' },
  loseStore: { weight: 2, fault: 'lost store' },
  partition: { weight: 5, fault: 'partitions' },
  mend: { weight: 6, fault: 'partitions' },
  throttle: { weight: 5, fault: 'throttling' },
  expireSession: { weight: 4, fault: 'expired sessions' },
  refuseRefresh: { weight: 2, fault: 'expired sessions' },
  foreignWrite: { weight: 8, fault: 'foreign writes' },
  foreignDelete: { weight: 3, fault: 'foreign writes' },
  beginWrite: { weight: 4, fault: 'late commits' },
  endWrite: { weight: 6, fault: 'late commits' },
  backup: { weight: 2, fault: 'restores' },
  restore: { weight: 2, fault: 'restores' },
  forgetTombstones: { weight: 2, fault: 'forgotten tombstones' },
  jumpClock: { weight: 5, fault: 'clock jumps' },
  rejectSome: { weight: 5, fault: 'rejections' },
  rejectNone: { weight: 4, fault: 'rejections' },
  changeSome: { weight: 4, fault: 'changing server' },
} as const satisfies Record<string, { weight: number; fault?: Fault }>

export type StepKind = keyof typeof KINDS
export const STEP_KINDS = Object.keys(KINDS) as StepKind[]

/** One step as plain numbers: what they mean is decided when it runs, so that a plan stays valid when steps are left out. */
export interface Step {
  /** Its place in the plan as it was drawn; names the values that it writes. */
  readonly no: number
  readonly kind: StepKind
  readonly replica: number
  readonly tab: number
  readonly document: number
  readonly collection: number
  /** In [0, 1). */
  readonly x: number
  readonly y: number
  /** ms of virtual time after it. */
  readonly wait: number
}

export interface Plan {
  readonly seed: number
  readonly config: SwarmConfig
  readonly steps: readonly Step[]
}

const WAITS = [0, 0, 0, 1, 1, 3, 10, 30, 60, 60, 200, 1_000, 6_000, 25_000]

export function drawPlan(seed: number): Plan {
  const config = drawConfig(createDice(`${seed}/config`))
  const dice = createDice(`${seed}/steps`)
  const kinds = STEP_KINDS.filter((kind) => {
    const { fault } = KINDS[kind] as { fault?: Fault }
    return fault === undefined || config.faults.includes(fault)
  })
  const total = kinds.reduce((sum, kind) => sum + KINDS[kind].weight, 0)
  const steps = Array.from({ length: config.steps }, (_, no) => ({
    no,
    kind: drawKind(kinds, dice.unit() * total),
    replica: dice.below(config.replicas),
    tab: dice.below(config.maxTabs),
    document: dice.below(config.documents),
    collection: drawCollection(dice),
    x: dice.unit(),
    y: dice.unit(),
    wait: dice.pick(WAITS),
  }))
  return { seed, config, steps }
}

function drawKind(kinds: readonly StepKind[], at: number): StepKind {
  let rest = at
  for (const kind of kinds) {
    rest -= KINDS[kind].weight
    if (rest < 0) return kind
  }
  return 'idle'
}

/** Most writes go to the first collection, so that they meet. */
function drawCollection(dice: Dice): number {
  return dice.pick([0, 0, 0, 0, 1, 2, 3, 4])
}
