export { chromiumLaunch, findChromium } from './chromium.ts'
