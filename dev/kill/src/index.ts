export { type BrowserKills, killBrowserRepeatedly } from './browser-kill.ts'
export { killRepeatedly, type ProcessKills } from './process-kill.ts'
export { type Acknowledged, addVerdict, type Verdict } from './verdict.ts'
