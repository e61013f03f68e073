// What can be seen, for who asks the same more than once.
import type { KnownVersion, WorldView } from '../../repository/index.ts'

/** The same view, which answers a search that it has answered as it did then. */
export function askedOnce(view: WorldView): WorldView {
  const answers = new Map<string, Promise<readonly KnownVersion[]>>()
  return {
    read: (type, id) => view.read(type, id),
    earlier: (type, id) => view.earlier(type, id),
    every: (query, most) => view.every(query, most),
    stateOf: (type) => view.stateOf?.(type),
    search(query) {
      const key = JSON.stringify(query)
      const answer = answers.get(key) ?? view.search(query)
      answers.set(key, answer)
      return answer
    },
  }
}
