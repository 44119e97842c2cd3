import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts', 'src/memory.ts', 'src/adapter.ts'],
  format: 'esm',
  dts: true,
  platform: 'neutral',
})
