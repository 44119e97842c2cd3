import type { Conflict, ConflictStrategy, Resolution } from '@holdfast/core'
import type { Mutant } from './mutant.ts'

const answering =
  (resolve: (conflict: Conflict) => Resolution): Mutant<ConflictStrategy>['mutate'] =>
  () => ({ resolve })

let calls = 0

export const strategies: readonly Mutant<ConflictStrategy>[] = [
  {
    caughtBy: 'total',
    fault: 'has no answer where there is no base',
    says: /must answer every conflict/,
    mutate: answering((conflict) => {
      if (conflict.base === null) throw new Error('no base')
      return { value: conflict.local, decisions: [] }
    }),
    others: 9,
  },
  {
    caughtBy: 'keeps-id',
    fault: 'gives the document another id',
    mutate: answering(({ local }) => ({ value: { ...local, id: 'other' }, decisions: [] })),
  },
  {
    caughtBy: 'value-is-json',
    fault: 'answers with what is no JSON',
    mutate: answering(({ local }) => ({ value: { ...local, extra: Number.NaN }, decisions: [] })),
  },
  {
    caughtBy: 'deterministic',
    fault: 'answers differently when asked again',
    says: /no state, clock or randomness/,
    mutate: answering(({ local, remote }) => ({ value: calls++ % 2 ? local : remote, decisions: [] })),
  },
  {
    caughtBy: 'key-order',
    fault: 'lets the order of keys decide',
    mutate: answering(({ local, remote }) => ({
      value: JSON.stringify(local) < JSON.stringify(remote) ? local : remote,
      decisions: [],
    })),
  },
  {
    caughtBy: 'pure',
    fault: 'writes into what it was given',
    mutate: answering(({ local }) => ({ value: Object.assign(local, { seen: true }), decisions: [] })),
  },
  {
    caughtBy: 'decisions',
    fault: 'gives no reason for a decision',
    mutate: answering(({ local }) => ({ value: local, decisions: [{ path: [], chosen: 'local', why: '' }] })),
  },
  {
    caughtBy: 'equal-sides',
    fault: 'changes what both sides agree on',
    mutate: answering(({ local }) => ({ value: { ...local, merged: true }, decisions: [] })),
  },
  {
    caughtBy: 'pure',
    fault: 'lets the newer of clock and document win',
    mutate: answering(({ local, remote, context }) => ({
      value: context.localHlc > Date.now().toString(16) ? local : remote,
      decisions: [],
    })),
  },
]
