import { createVirtualMachine } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { collection, createHoldfast, tokens } from '../src/index.ts'
import { createMemoryDisk, memoryStore } from '../src/memory.ts'

test('a command given right after opening runs as soon as this tab leads', async () => {
  const machine = createVirtualMachine({ seed: 1 })
  const disk = createMemoryDisk()
  const open = () =>
    createHoldfast({
      name: 'notes',
      local: memoryStore({ disk }),
      collections: { notes: collection() },
      parts: (container) => container.set(tokens.RUNTIME, machine.tab()),
    })
  const a = await open()
  let done = 0
  const count = () => {
    done++
  }
  const asked = a.sync.optimize().then(count)
  await machine.time.advance(10)
  expect(done).toBe(1)
  await asked

  const b = await open()
  const askedInB = b.sync.optimize().then(count)
  await machine.time.advance(100)
  expect(done).toBe(2)
  await askedInB
})
