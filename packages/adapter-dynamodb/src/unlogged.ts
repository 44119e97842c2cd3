interface WithMiddleware {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<never>, context: object) => (args: never) => Promise<never>,
      options: { readonly step: 'initialize'; readonly name: string },
    ): void
  }
}

const leftOut = () => 'left out'
/** What @aws-sdk/lib-dynamodb sets, so that the log of the client tells of its own documents. */
const CONTEXT = {
  dynamoDbDocumentClientOptions: {
    overrideInputFilterSensitiveLog: leftOut,
    overrideOutputFilterSensitiveLog: leftOut,
  },
}

/**
 * Keeps documents out of the log of the application's client. The SDK copies every input and every
 * answer for its logger, also for one that logs nothing.
 */
export function unlogged<Command extends object>(command: Command): Command {
  const { middlewareStack } = command as unknown as WithMiddleware
  middlewareStack.add(
    (next, context) => (args) => {
      Object.assign(context, CONTEXT)
      return next(args)
    },
    { step: 'initialize', name: 'holdfastUnlogged' },
  )
  return command
}
