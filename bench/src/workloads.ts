export const WORKLOADS = ['W1', 'W1b', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8', 'W9', 'W10'] as const
export type Workload = (typeof WORKLOADS)[number]

/** One figure of a workload. */
export interface Measure {
  readonly key: string
  readonly workload: Workload
  readonly title: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly digits: number
  /** What Holdfast is to reach: a bound in the unit, or in times the floor. */
  readonly reach: { readonly by: 'value' | 'ratio'; readonly bound: number }
}

const measure = (
  key: string,
  of: Omit<Measure, 'key' | 'workload' | 'digits'> & { readonly digits?: number },
): Measure => ({ key, workload: key.split(' ')[0] as Workload, digits: 0, ...of })

const ratio = (bound: number) => ({ by: 'ratio', bound }) as const
const value = (bound: number) => ({ by: 'value', bound }) as const

export const MEASURES: readonly Measure[] = [
  measure('W1', {
    title: 'single awaited durable writes, recorded for sync',
    unit: 'writes/s',
    better: 'more',
    reach: ratio(1.2),
  }),
  measure('W1 queued', {
    title: 'the same behind a queue of 10,000',
    unit: 'writes/s',
    better: 'more',
    reach: ratio(1.2),
  }),
  measure('W1b', {
    title: '50 writers at once, each write awaited',
    unit: 'ms a write',
    better: 'less',
    digits: 3,
    reach: value(0.2),
  }),
  measure('W2', {
    title: 'bulk insert, recorded for sync',
    unit: 'docs/s',
    better: 'more',
    reach: ratio(15),
  }),
  measure('W3', {
    title: 'first pull, until queryable and durable',
    unit: 's',
    better: 'less',
    digits: 2,
    reach: ratio(0.1),
  }),
  measure('W3 requests', {
    title: 'first pull, requests',
    unit: 'requests',
    better: 'less',
    reach: value(12),
  }),
  measure('W4', {
    title: 'drain of offline changes, until acknowledged',
    unit: 's',
    better: 'less',
    digits: 2,
    reach: ratio(0.5),
  }),
  measure('W4 requests', { title: 'drain, requests', unit: 'requests', better: 'less', reach: value(5) }),
  measure('W5 query', {
    title: 'browser restarted: open and first query',
    unit: 'ms',
    better: 'less',
    reach: value(100),
  }),
  measure('W5 state', {
    title: 'browser restarted: until the queue length is known',
    unit: 'ms',
    better: 'less',
    reach: value(60),
  }),
  measure('W6 p50', {
    title: 'write to observer and durable, p50',
    unit: 'ms',
    better: 'less',
    digits: 2,
    reach: value(1),
  }),
  measure('W6 p99', {
    title: 'write to observer and durable, p99',
    unit: 'ms',
    better: 'less',
    digits: 2,
    reach: value(6),
  }),
  measure('W6 observer', {
    title: 'write to observer alone, p50',
    unit: 'ms',
    better: 'less',
    digits: 3,
    reach: value(0.1),
  }),
  measure('W7 gets', { title: 'get by id', unit: 'gets/s', better: 'more', reach: value(200_000) }),
  measure('W7 queries', {
    title: 'indexed query of 50 documents',
    unit: 'queries/s',
    better: 'more',
    reach: value(50_000),
  }),
  measure('W8', {
    title: 'smallest application that does W1 to W4, min + gzip',
    unit: 'KB',
    better: 'less',
    digits: 1,
    reach: value(15),
  }),
  measure('W9', {
    title: 'JavaScript heap after the first pull',
    unit: 'MB',
    better: 'less',
    digits: 1,
    reach: value(25),
  }),
  measure('W10 idle', {
    title: 'a round with nothing to do',
    unit: 'ms',
    better: 'less',
    digits: 1,
    reach: value(6),
  }),
  measure('W10 changed', {
    title: 'a round after 1 % changed',
    unit: 'ms',
    better: 'less',
    digits: 1,
    reach: value(20),
  }),
]
