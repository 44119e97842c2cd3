import { defineConfig } from 'tsdown'

export default defineConfig([
  { entry: ['src/index.ts'], format: 'esm', dts: true, platform: 'neutral' },
  {
    entry: ['src/install.ts', 'src/cli.ts'],
    format: 'esm',
    dts: true,
    platform: 'node',
    fixedExtension: false,
    clean: false,
    copy: [{ from: 'src/sql', to: 'dist' }],
  },
])
