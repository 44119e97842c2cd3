import { once } from 'node:events'
import process from 'node:process'
import { startContacts } from './start-contacts.ts'

process.stdout.write('Starting PostgreSQL with PostgREST, and the DynamoDB engine …\n')
const contacts = await startContacts()
process.stdout.write(`Contacts: ${contacts.url}   (Ctrl-C ends everything)\n`)
process.stdout.write(`PostgreSQL: ${contacts.databaseUrl}\n`)

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await contacts.stop()
