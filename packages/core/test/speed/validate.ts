/* node packages/core/test/speed/validate.ts: documents checked in a second. */
import { checkDocument, checkRemoteValue } from '../../src/model/validate.ts'
import { contact, perSecond } from './contacts.ts'

const contacts = Array.from({ length: 1000 }, (_, n) => contact(n))
const texts = contacts.map((c) => JSON.stringify(c))
const limits = { collection: 'contacts', maxBytes: 1_000_000 }
const small = contacts.map(({ id, name }, n) => ({ id, name, done: n % 2 === 0, count: n }))

perSecond('checkDocument, contact of 300 B', 100_000, (i) => checkDocument(contacts[i % 1000], limits))
perSecond('checkDocument, 4 fields', 200_000, (i) => checkDocument(small[i % 1000], limits))
perSecond('checkRemoteValue, contact of 300 B', 100_000, (i) => {
  const value = contacts[i % 1000]
  checkRemoteValue(value, value?.id ?? '', limits)
})
perSecond('for comparison: JSON.parse', 100_000, (i) => JSON.parse(texts[i % 1000] ?? ''))
perSecond('for comparison: JSON.stringify', 100_000, (i) => JSON.stringify(contacts[i % 1000]))
