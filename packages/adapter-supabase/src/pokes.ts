import type { RealtimeChannelLike, SupabaseClientLike } from './client.ts'

let channelCount = 0

/**
 * Pokes on every change of the watched schemas that Realtime tells of, and after each
 * (re)subscription, since what happened in between was not told. Returns how to stop.
 */
export function watch(client: SupabaseClientLike, schemas: readonly string[], poke: () => void): () => void {
  if (client.channel === undefined) return () => undefined
  channelCount += 1
  let live = true
  const pokeIfLive = () => {
    if (live) poke()
  }
  let channel = client.channel(`holdfast-${channelCount}`) as RealtimeChannelLike
  for (const schema of schemas) {
    channel = channel.on('postgres_changes', { event: '*', schema }, pokeIfLive)
  }
  channel.subscribe((status) => {
    if (status === 'SUBSCRIBED') pokeIfLive()
  })
  return () => {
    live = false
    void client.removeChannel?.(channel as never).catch(() => undefined)
  }
}
