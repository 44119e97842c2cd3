import type { Durability, LocalCapabilities } from '../contracts/local-store.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'

/**
 * What a write is to wait for: what was asked for or, if nothing was, the strongest that is offered
 * and not above 'relaxed'. Throws `unsupported_durability`, never weakens what was asked for.
 */
export function chooseDurability(
  asked: Durability | undefined,
  { durability: offered }: Pick<LocalCapabilities, 'durability'>,
): Durability {
  const byDefault = offered.find((durability) => durability !== 'strict') ?? offered[0]
  const chosen = offered.find((durability) => durability === (asked ?? byDefault))
  if (chosen !== undefined) return chosen
  throw new HoldfastError(
    'unsupported_durability',
    `This local store offers the durability ${offered.join(', ')}, not '${asked}'. Nothing was written. Ask for what it offers.`,
    { details: { asked, offered } },
  )
}
