import type { SideStrategy } from './whole-side.ts'

/**
 * A person decides: the document stays as the user left it, unsent, until the conflict is
 * resolved. As a rule of `threeWay`, only where both sides changed the same field.
 */
export function askUser(reason = 'a person must decide'): SideStrategy {
  const defer = () => ({ defer: reason })
  return { specVersion: 1, name: 'askUser', resolve: defer, settleField: defer }
}
