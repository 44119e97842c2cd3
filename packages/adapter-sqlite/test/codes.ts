export const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'resolved',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )
