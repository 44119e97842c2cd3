import { bulk } from './bulk.ts'
import { drain } from './drain.ts'
import { large } from './large.ts'
import { observe } from './observe.ts'
import type { Scenario } from './scenario.ts'
import { writes } from './writes.ts'

export const SCENARIOS: readonly Scenario[] = [writes, bulk, drain, observe, large]
