import { Token } from 'typedi'
import type { InLane } from '../apply/lane.ts'
import type { ConflictStrategy } from '../contracts/conflict-strategy.ts'
import type { LocalStore } from '../contracts/local-store.ts'
import type { RemoteStore } from '../contracts/remote-store.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { PullLane } from '../pull/pull-lane.ts'
import type { PushLane } from '../push/push-lane.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Breaker } from '../schedule/breaker.ts'
import type { SchedulePolicy } from '../schedule/policy.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { Transport } from '../schedule/transport.ts'
import type { Storage } from '../storage/storage.ts'
import type { Writer } from '../write/writer.ts'
import type { Logger } from './logger.ts'
import type { SettledConflicts } from './settled-conflicts.ts'
import type { StatusBoard } from './status-board.ts'

/** Names of the parts of one engine; each can be replaced through the option `parts`. */
export const RUNTIME = new Token<Runtime>('holdfast.runtime')
export const LOGGER = new Token<Logger>('holdfast.logger')
export const POLICY = new Token<SchedulePolicy>('holdfast.policy')
export const DEFAULT_STRATEGY = new Token<ConflictStrategy>('holdfast.defaultStrategy')
export const LOCAL_STORE = new Token<LocalStore>('holdfast.localStore')
export const REMOTE_STORE = new Token<RemoteStore>('holdfast.remoteStore')
export const CLOCK = new Token<Clock>('holdfast.clock')
export const STORAGE = new Token<Storage>('holdfast.storage')
export const LANE = new Token<InLane>('holdfast.lane')
export const TRANSPORT = new Token<Transport>('holdfast.transport')
export const BREAKER = new Token<Breaker>('holdfast.breaker')
export const PUSH_LANE = new Token<PushLane>('holdfast.pushLane')
export const PULL_LANE = new Token<PullLane>('holdfast.pullLane')
export const SCHEDULER = new Token<Scheduler>('holdfast.scheduler')
export const OUTBOX = new Token<Outbox>('holdfast.outbox')
export const WRITER = new Token<Writer>('holdfast.writer')
export const STATUS = new Token<StatusBoard>('holdfast.status')
export const SETTLED_CONFLICTS = new Token<SettledConflicts>('holdfast.settledConflicts')
