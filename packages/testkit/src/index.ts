export type { LocalFaults, LocalHarness, LocalRequirement } from './local/local-case.ts'
export { localStoreCases, localStoreCasesLeftOut } from './local/local-store-cases.ts'
export type { RemoteClientOptions, RemoteHarness, RemoteRequirement } from './remote/remote-case.ts'
export { remoteStoreCases, remoteStoreCasesLeftOut } from './remote/remote-store-cases.ts'
export { conflictStrategyCases } from './strategy/conflict-strategy-cases.ts'
export { ConformanceFailure } from './suite/check.ts'
export type { LeftOutCase } from './suite/requirements.ts'
export {
  type ConformanceCase,
  runCases,
  runSuite,
  type SuiteOptions,
  type SuiteRunner,
} from './suite/run-suite.ts'
export { type Random, seededRandom } from './virtual/random.ts'
export type { ControlledSignal } from './virtual/signal.ts'
export { createVirtualTime, type VirtualTime, type VirtualTimeOptions } from './virtual/time.ts'
export {
  createVirtualMachine,
  createVirtualRuntime,
  type VirtualMachine,
  type VirtualMachineOptions,
  type VirtualRuntime,
} from './virtual-runtime.ts'
