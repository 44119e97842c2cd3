/** Who is signed in. The user is remembered, so that the page opens without a network; the token is not. */
export interface Session {
  readonly user: string
  token(): Promise<string>
  /** Asks for a new token. */
  refresh(): Promise<void>
}

const USER = 'contacts.user'

export async function openSession(): Promise<Session> {
  let asked: Promise<{ user: string; token: string }> | undefined
  const ask = () => {
    asked ??= fetchSession().catch((error: unknown) => {
      asked = undefined
      throw error
    })
    return asked
  }
  const user = localStorage.getItem(USER) ?? (await ask()).user
  localStorage.setItem(USER, user)
  return {
    user,
    token: async () => (await ask()).token,
    refresh: async () => {
      asked = undefined
      await ask()
    },
  }
}

async function fetchSession(): Promise<{ user: string; token: string }> {
  const answer = await fetch('/session')
  if (!answer.ok) throw new Error(`No session: ${answer.status}`)
  return answer.json()
}
