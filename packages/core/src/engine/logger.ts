/** Where the engine tells of what no caller is there to hear. Never document contents or secrets. */
export interface Logger {
  warn(event: string, details: Readonly<Record<string, unknown>>): void
}

/** Says nothing. */
export const silentLogger: Logger = { warn: () => {} }
