import type { LineEnd } from '../line.ts'
import type { Place } from '../places.ts'
import type { RemoteAccess } from '../remotes.ts'

export type BackendName = RemoteAccess['kind']

/** A server that was started, seen without Holdfast: by those who own the database. */
export interface Backend {
  readonly name: BackendName
  readonly title: string
  /** Where the devices' lines lead to. */
  readonly end: LineEnd
  /** What a device is told, whose line has this address. */
  access(url: string): RemoteAccess
  /** All documents, read from the server itself. */
  read(): Promise<Place[]>
  /** Writes that took effect more than once, as the server recorded them. */
  doubledWrites(): Promise<string[]>
  /** Another program's SQL, where the backend syncs what other programs write. */
  readonly sql?: (text: string, values?: readonly unknown[]) => Promise<number>
  /** Changes a document so that no change feed tells of it: only a comparison can find it. */
  tamper(id: string): Promise<void>
  stop(): Promise<void>
}
