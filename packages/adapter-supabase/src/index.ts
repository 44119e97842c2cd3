export type { RealtimeChannelLike, RpcCall, RpcError, RpcResponse, SupabaseClientLike } from './client.ts'
export { type SupabaseOptions, supabase } from './remote.ts'
