export { createMemoryDisk, type MemoryDisk, type MemoryDiskOptions } from './memory/memory-disk.ts'
export { type MemoryRemoteOptions, memoryRemote } from './memory/memory-remote.ts'
export {
  createMemoryServer,
  type InSpace,
  type MemoryServer,
  type MemoryServerBackup,
  type MemoryServerOptions,
  type OpenWrite,
  type RemoteCall,
} from './memory/memory-server.ts'
export { type MemoryStoreOptions, memoryStore } from './memory/memory-store.ts'
export type { FaultScope, ServerFaults } from './memory/server-faults.ts'
