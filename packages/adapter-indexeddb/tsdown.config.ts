import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts', 'src/dexie.ts'],
  format: 'esm',
  dts: true,
  platform: 'neutral',
})
