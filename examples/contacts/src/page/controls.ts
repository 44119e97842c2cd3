import type { Backend } from './backends.ts'
import { find } from './element.ts'
import type { NetworkSwitch } from './network-switch.ts'

export interface ControlsOptions {
  readonly backend: Backend
  readonly network: NetworkSwitch
  syncNow(): void
  switchTo(backend: Backend): void
}

/** The select box of backends, the offline switch and the button. */
export function bindControls({ backend, network, syncNow, switchTo }: ControlsOptions): void {
  const select = find('#backend', HTMLSelectElement)
  const offline = find('#offline', HTMLInputElement)
  const now = find('#sync-now', HTMLButtonElement)
  select.value = backend
  select.disabled = false
  offline.disabled = false
  document.documentElement.dataset.backend = backend
  select.onchange = () => switchTo(select.value as Backend)
  offline.onchange = () => network.set(!offline.checked)
  now.onclick = syncNow
  const show = () => {
    offline.checked = !network.get()
    now.disabled = !network.get()
  }
  network.subscribe(show)
  show()
}
