import { BACKENDS, type Backend, remoteOf } from './backends.ts'
import { bindControls } from './controls.ts'
import { openContacts } from './database.ts'
import { createNetworkSwitch, remoteBehind, runtimeOn } from './network-switch.ts'
import { openSession } from './session.ts'
import { bindView } from './view.ts'

const BACKEND = 'contacts.backend'

const stored = localStorage.getItem(BACKEND)
const backend: Backend = BACKENDS.find((known) => known === stored) ?? 'supabase'
const network = createNetworkSwitch()
const session = await openSession()
const db = await openContacts({
  name: `contacts-${backend}`,
  user: session.user,
  remote: remoteBehind(network, remoteOf(backend, session)),
  runtime: runtimeOn(network),
  refreshAuth: session.refresh,
})
const { attempt } = bindView(db)
bindControls({
  backend,
  network,
  syncNow: () => attempt(db.sync.now()),
  async switchTo(chosen) {
    localStorage.setItem(BACKEND, chosen)
    await db.close()
    location.reload()
  },
})
db.sync.start()
