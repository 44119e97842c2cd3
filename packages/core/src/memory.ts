export { createMemoryDisk, type MemoryDisk, type MemoryDiskOptions } from './memory/memory-disk.ts'
export { type MemoryStoreOptions, memoryStore } from './memory/memory-store.ts'
