import { unavailable } from './failures.ts'

const TIMEOUT_MS = 2000

/**
 * Resolves when this tab has seen every change of localStorage that any tab made before, as the
 * browser ordered them, and the browser has every change of this tab.
 *
 * Each tab of Chromium has a copy, and changes travel through the browser, in one order for all. An
 * event for a change made here comes to another document of this page when it has been there and
 * back, so it comes after all that went before it.
 */
export function settleWithOtherTabs(key: string): Promise<void> {
  const nonce = crypto.getRandomValues(new Uint32Array(2)).join('-').padEnd(21, '-')
  const frame = document.createElement('iframe')
  frame.hidden = true
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(unavailable('This browser does not tell when tabs agree on localStorage: use IndexedDB.')),
      TIMEOUT_MS,
    )
    const echo = () => {
      frame.contentWindow?.addEventListener('storage', (event) => {
        if (event.key !== key || event.newValue !== nonce) return
        clearTimeout(timer)
        resolve()
      })
      // A document hears of changes from when it has touched the storage.
      frame.contentWindow?.localStorage.getItem(key)
      localStorage.removeItem(key)
      localStorage.setItem(key, nonce)
    }
    // Some browsers put another blank document in its place a little later.
    frame.addEventListener('load', echo)
    document.documentElement.append(frame)
    echo()
  }).finally(() => frame.remove())
}
