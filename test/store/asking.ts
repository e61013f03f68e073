// Askers for tests: they have a name, and can leave.
import type { Asker } from '../../src/store/index.ts'

export interface TestAsker extends Asker {
  leave(): void
}

export function asker(name: string): TestAsker {
  const calls = new Set<() => void>()
  let gone = false
  return {
    name,
    get gone() {
      return gone
    },
    onGone(call) {
      calls.add(call)
      return () => void calls.delete(call)
    },
    leave() {
      gone = true
      for (const call of calls) call()
      calls.clear()
    },
  }
}
