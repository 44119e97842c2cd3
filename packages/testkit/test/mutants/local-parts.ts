import type { LocalStore, WriteBatch } from '@holdfast/core'

type Put = NonNullable<WriteBatch['put']>[number]

/** A store that changes what is put. */
export const onPut =
  (change: (entry: Put) => Put) =>
  (store: LocalStore): Partial<LocalStore> => ({
    write: ({ put = [], ...rest }, options) => store.write({ ...rest, put: put.map(change) }, options),
  })

export const onText = (change: (text: string) => string) =>
  onPut(([key, value]) => [key, typeof value === 'string' ? change(value) : value])

export const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await undefined
}

/** Nothing in it that a store must refuse. */
export const isPlain = ({ put = [] }: WriteBatch) =>
  put.every(([, value]) => typeof value === 'string' || value instanceof Uint8Array)
