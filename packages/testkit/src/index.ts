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
