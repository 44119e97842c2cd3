import { createClient } from '@supabase/supabase-js'
import { expect, test } from 'vitest'
import { supabase } from '../src/index.ts'

interface Database {
  public: {
    Tables: {
      contacts: { Row: { id: string }; Insert: { id: string }; Update: { id?: string }; Relationships: [] }
    }
    Views: Record<never, never>
    Functions: { greet: { Args: { name: string }; Returns: string } }
  }
}

test('typed and untyped clients of supabase-js are accepted as they are', () => {
  const options = { auth: { persistSession: false, autoRefreshToken: false } }
  const untyped = supabase({ client: createClient('http://127.0.0.1:1', 'key', options) })
  const typed = supabase({ client: createClient<Database>('http://127.0.0.1:1', 'key', options) })
  expect([untyped.capabilities.pokes, typed.capabilities.pokes]).toEqual([true, true])
})
