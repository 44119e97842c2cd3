/*
 * What is used of a supabase-js client, by structure: any object with these members serves, also
 * one that is made of @supabase/postgrest-js alone, which is a tenth of the size.
 */

export interface SupabaseClientLike {
  /** Called with a function's name and the request; a client that is typed by its database knows neither. */
  rpc(fn: never, args: never): RpcCall
  /** A `RealtimeChannelLike`, whose overloads no simpler type can stand for. Missing where there is no Realtime. */
  channel?(name: string): unknown
  removeChannel?(channel: never): Promise<unknown>
}

export interface RpcCall {
  abortSignal(signal: AbortSignal): PromiseLike<RpcResponse>
}

export interface RpcResponse {
  readonly data: unknown
  readonly error: RpcError | null
  readonly status: number
}

export interface RpcError {
  readonly message?: string
  /** SQLSTATE, a PGRST code, or nothing. */
  readonly code?: string
  readonly details?: unknown
}

export interface RealtimeChannelLike {
  on(
    type: 'postgres_changes',
    filter: { event: '*'; schema: string; table?: string },
    callback: (payload: never) => void,
  ): RealtimeChannelLike
  subscribe(callback: (status: string) => void): unknown
}
