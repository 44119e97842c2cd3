/*
 * The inside of core that a checker needs and an application does not: how records on disk are
 * read, and the server behind the memory remote. One file, so that this is all of it.
 */

export type { ServerBackend } from '../../../packages/core/src/memory/memory-server.ts'
export type { StoredDocument } from '../../../packages/core/src/memory/stored-document.ts'
export { projectWith } from '../../../packages/core/src/merge/project.ts'
export type { LedgerEntry, SettledHow } from '../../../packages/core/src/storage/ledger-entry.ts'
export { decodeManifest, type Manifest } from '../../../packages/core/src/storage/manifest.ts'
export { decodeLedger, decodeLog, decodePage } from '../../../packages/core/src/storage/records.ts'
export type { Row } from '../../../packages/core/src/storage/row.ts'
export { Storage } from '../../../packages/core/src/storage/storage.ts'
