import type { Channel } from '@holdfast/core'
import { cloneOf } from './clone.ts'
import type { TabLife } from './tab.ts'

interface Port {
  readonly life: TabLife
  readonly listeners: Set<(message: unknown) => void>
}

/**
 * The broadcast channels of one machine. As with BroadcastChannel, a message reaches every other
 * channel object of its name, never the sender; it is cloned when posted, arrives in a later
 * event, and messages of one sender keep their order.
 */
export interface ChannelHub {
  open(name: string, life: TabLife): Channel
}

export function createChannelHub(): ChannelHub {
  const portsByName = new Map<string, Set<Port>>()

  return {
    open(name, life) {
      const port: Port = { life, listeners: new Set() }
      const ports = portsByName.get(name) ?? new Set()
      portsByName.set(name, ports)
      ports.add(port)
      const close = () => {
        port.listeners.clear()
        ports.delete(port)
      }
      life.onKill(close)
      return {
        post(message) {
          if (life.state() === 'killed') return
          if (!ports.has(port)) throw new Error(`channel "${name}" is closed: nothing was posted`)
          for (const other of ports) {
            if (other === port) continue
            const copy = cloneOf(message)
            other.life.schedule(0, () => {
              for (const listener of [...other.listeners]) listener(copy)
            })
          }
        },
        subscribe(listener) {
          port.listeners.add(listener)
          return () => port.listeners.delete(listener)
        },
        close,
      }
    },
  }
}
