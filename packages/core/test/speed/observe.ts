/* node packages/core/test/speed/observe.ts [sizes…]: queries, indexes and live queries in a second. */
import { createCollectionView } from '../../src/observe/collection-view.ts'
import type { Query } from '../../src/observe/query.ts'
import { createMapSource } from '../map-source.ts'
import { type Contact, contact, perSecond } from './contacts.ts'

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 50_000, 100_000]
const VIPS: Query<Contact> = { where: { tags: { has: 'vip' } }, orderBy: { name: 'asc' }, limit: 50 }

for (const size of sizes) {
  console.log(`\n${size.toLocaleString('en')} contacts`)
  const contacts = Array.from({ length: size }, (_, n) => contact(n))
  const source = createMapSource(contacts)
  const view = createCollectionView(source, { indexes: ['name', 'tags', 'age'] })
  const at = (i: number) => contacts[(i * 7919) % size] as Contact

  timed('build the index on name', () => view.find({ orderBy: { name: 'asc' }, limit: 1 }))
  timed('build the index on tags', () => view.find({ where: { tags: { has: 'none' } } }))
  timed('build the index on age', () => view.find({ where: { age: 1 }, limit: 1 }))
  perSecond('get by id', 1_000_000, (i) => source.get(at(i).id))
  perSecond('50 by name', 20_000, () => view.find({ orderBy: { name: 'asc' }, limit: 50 }))
  perSecond('50 by name from some name on', 20_000, (i) =>
    view.find({ where: { name: { gte: at(i).name } }, orderBy: { name: 'asc' }, limit: 50 }),
  )
  perSecond('50 with one tag, by name (one in three has it)', 20_000, () => view.find(VIPS))
  perSecond('50 with one tag, in no order', 20_000, () =>
    view.find({ where: { tags: { has: 'vip' } }, limit: 50 }),
  )
  perSecond('50 by age, descending', 20_000, () => view.find({ orderBy: { age: 'desc' }, limit: 50 }))
  perSecond('equal name', 20_000, (i) => view.find({ where: { name: at(i).name } }))
  perSecond('a rare tag, by name', 500, (i) =>
    view.find({ where: { tags: { has: `t${i % 50}` } }, orderBy: { name: 'asc' }, limit: 50 }),
  )
  perSecond('50 of a city, no index', 20, (i) =>
    view.find({ where: { 'address.city': `City ${i}` }, limit: 50 }),
  )

  const live = view.live(VIPS)
  let told = 0
  live.subscribe(() => {
    told += live.getSnapshot().length
  })
  const rename = (i: number) => ({ ...at(i), name: `${'ABCXYZ'[i % 6]}${i % 997} ${i}`, tags: ['vip'] })
  perSecond('write seen by a live query and three indexes (name moves)', 3_000, (i) =>
    source.commit(rename(i)),
  )
  perSecond('write that moves nothing', 3_000, (i) =>
    source.commit({ ...(source.get(at(i).id) as Contact), notes: `${i}` }),
  )
  quantiles('write to observer, name moves', (i) => source.commit(rename(i + 13)))
  const page = Array.from({ length: 1000 }, (_, i) => rename(i))
  perSecond('commit of 1,000 documents', 20, () => source.commit(...page))
  view.dispose()
  if (told < 0) console.log(told)
}

function timed(label: string, run: () => unknown): void {
  const from = performance.now()
  run()
  console.log(`${label.padEnd(64)} ${(performance.now() - from).toFixed(1).padStart(12)} ms`)
}

function quantiles(label: string, run: (i: number) => unknown): void {
  const times = Array.from({ length: 3000 }, (_, i) => {
    const from = performance.now()
    run(i)
    return performance.now() - from
  }).sort((a, b) => a - b)
  const [p50, p99] = [times[1500] ?? 0, times[2970] ?? 0]
  console.log(`${label.padEnd(64)}  p50 ${p50.toFixed(4)} ms  p99 ${p99.toFixed(4)} ms`)
}
