import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { collection, createHoldfast, canonicalJson } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { startDynamoDb } from '@holdfast/dev-backends'
import { dynamoDb, installDynamoDb } from '@holdfast/adapter-dynamodb'
const server = await startDynamoDb()
const client = () => new DynamoDBClient({ endpoint: server.endpoint, region: 'x', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
await installDynamoDb(client(), { tableName: 'table' })
const device = () => createHoldfast({ name: 'x', local: memoryStore(), remote: dynamoDb({ client: client(), tableName: 'table', space: 's' }), collections: { places: collection<{ id: string; name: string; n: number; note?: string }>() } })
const a = await device(), b = await device()
let t = Date.now()
const lap = (s: string) => { console.log(s, Date.now() - t, 'ms'); t = Date.now() }
await a.places.insertMany(Array.from({ length: 5000 }, (_, n) => ({ name: `p${n}`, n })))
lap('insert'); await a.sync.now(); lap('push'); console.log(a.sync.status.getSnapshot())
await b.sync.now(); lap('pull')
console.log((await b.places.find()).length, canonicalJson(await a.places.find() as never) === canonicalJson(await b.places.find() as never))
const [x, y, z] = await a.places.find({ limit: 3 })
await a.places.update(x!.id, { name: 'A' }); await b.places.update(x!.id, { n: -1 })
await a.places.update(y!.id, { name: 'A' }); await b.places.update(y!.id, { name: 'B' })
await a.places.delete(z!.id); await b.places.update(z!.id, { name: 'B' })
await a.sync.now(); await b.sync.now(); await a.sync.now(); lap('conflicts')
console.log(await a.places.get(x!.id), await b.places.get(x!.id), await a.places.get(y!.id), await b.places.get(y!.id), await a.places.get(z!.id), await b.places.get(z!.id))
console.log(a.sync.status.getSnapshot(), b.sync.status.getSnapshot(), b.sync.metrics())
console.log(canonicalJson(await a.places.find() as never) === canonicalJson(await b.places.find() as never))
await a.close(); await b.close(); await server.stop()
