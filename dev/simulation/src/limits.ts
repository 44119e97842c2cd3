import type { SourcePatch } from './patches.ts'

/**
 * The product's bounds, made small, so that short histories meet what long ones would: full
 * records, folding, compaction, paged reads. The bounds alone change, no behaviour.
 */
export const SMALL_LIMITS: readonly SourcePatch[] = [
  { file: 'engine/maintenance.ts', find: 'const FOLD_AT = 256', replace: 'const FOLD_AT = 6' },
  { file: 'storage/records.ts', find: 'export const PAGE_ROWS = 500', replace: 'export const PAGE_ROWS = 3' },
  {
    file: 'storage/records.ts',
    find: 'export const LOG_CHARS = 256 * 1024',
    replace: 'export const LOG_CHARS = 400',
  },
  { file: 'storage/head.ts', find: 'const SLICE_RECORDS = 128', replace: 'const SLICE_RECORDS = 3' },
  {
    file: 'storage/page-slices.ts',
    find: 'const SLICE_BYTES = 512 * 1024',
    replace: 'const SLICE_BYTES = 500',
  },
  {
    file: 'storage/page-cache.ts',
    find: 'MAX_DOCUMENTS_AT_HAND = 100_000',
    replace: 'MAX_DOCUMENTS_AT_HAND = 2',
  },
  { file: 'storage/page-cache.ts', find: 'CACHE_CHARS = 16 * 1024 * 1024', replace: 'CACHE_CHARS = 300' },
  { file: 'storage/commit.ts', find: 'const MAX_WRITERS = 64', replace: 'const MAX_WRITERS = 5' },
  { file: 'push/push-lane.ts', find: 'const RESUMED_BATCH = 64', replace: 'const RESUMED_BATCH = 4' },
]
