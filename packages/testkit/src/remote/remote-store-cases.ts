import type { LeftOutCase } from '../suite/requirements.ts'
import type { ConformanceCase } from '../suite/run-suite.ts'
import { collectionCases } from './collections.ts'
import { compareAndSetCases } from './compare-and-set.ts'
import { feedCases } from './feed.ts'
import { fidelityCases } from './fidelity.ts'
import { foreignWriteCases } from './foreign-writes.ts'
import { groupCases } from './groups.ts'
import { idempotenceCases } from './idempotence.ts'
import { identityCases } from './identity.ts'
import { limitCases } from './limits.ts'
import { ownValueCases } from './own-values.ts'
import { pokeCases } from './pokes.ts'
import { bindRemoteCase, type RemoteCase, type RemoteHarness, unmetRemotely } from './remote-case.ts'
import { tombstoneCases } from './tombstones.ts'

const CASES: readonly RemoteCase[] = [
  ...limitCases,
  ...compareAndSetCases,
  ...tombstoneCases,
  ...idempotenceCases,
  ...feedCases,
  ...collectionCases,
  ...ownValueCases,
  ...fidelityCases,
  ...groupCases,
  ...identityCases,
  ...pokeCases,
  ...foreignWriteCases,
]

/**
 * The conformance cases of a RemoteStore. They are gated by what the remote declares (the behaviour
 * without a capability is tested as well), and by whether the harness can write around the protocol
 * (`foreign`) and end an epoch (`endEpoch`).
 */
export function remoteStoreCases(harness: RemoteHarness): ConformanceCase[] {
  return CASES.filter((one) => unmetRemotely(one, harness).length === 0).map((one) =>
    bindRemoteCase(one, harness),
  )
}

/** The other cases of the suite, each with what it lacks. */
export function remoteStoreCasesLeftOut(harness: RemoteHarness): LeftOutCase[] {
  return CASES.map((one) => ({ id: one.id, title: one.title, unmet: unmetRemotely(one, harness) })).filter(
    ({ unmet }) => unmet.length > 0,
  )
}
