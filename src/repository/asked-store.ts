// A store as one asker meets it.
import type { Asker, Store } from '../store/index.ts'

/** Whatever waits there waits for this asker. */
export function askedBy(store: Store, asker: Asker): Store {
  return {
    ...store,
    search: (query, access) => store.search(query, access, asker),
    matches: (type, where, limit, access) => store.matches(type, where, limit, access, asker),
    commit: (commit) => store.commit(commit, asker),
  }
}
