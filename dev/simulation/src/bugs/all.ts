import type { Bug } from './bug.ts'
import { pullBugs } from './pull.ts'
import { pushBugs } from './push.ts'
import { scheduleBugs } from './schedule.ts'
import { storageBugs } from './storage.ts'
import { tabBugs } from './tabs.ts'
import { writeBugs } from './write.ts'

/** By the folders of the engine that they are in. */
export const bugs: readonly Bug[] = [
  ...writeBugs,
  ...pushBugs,
  ...pullBugs,
  ...storageBugs,
  ...tabBugs,
  ...scheduleBugs,
]
