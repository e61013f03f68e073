// The parts of a Repository as one asker meets them.
import { FhirError } from '../fhir/index.ts'
import type { Asker } from '../store/index.ts'
import type { RepositoryParts } from './parts.ts'

/** What waits in the store waits for this asker, and work on many resources ends when the asker has left. */
export function askedBy(parts: RepositoryParts, asker: Asker): RepositoryParts {
  const { store, validator } = parts
  return over(parts, {
    store: over(store, {
      search: (query, access) => store.search(query, access, asker),
      matches: (type, where, limit, access) => store.matches(type, where, limit, access, asker),
      commit: (commit) => store.commit(commit, asker),
    }),
    validator: over(validator, {
      // The dear step of each resource that is written.
      validate: (resource, named) => {
        if (asker.gone)
          throw new FhirError('timed-out', 'Nobody waits for the answer any more; nothing was saved.')
        return validator.validate(resource, named)
      },
    }),
  })
}

/** As the first, but for what the second has: to copy all of it for each request takes long. */
export function over<Whole extends object>(whole: Whole, own: Partial<Whole>): Whole {
  return Object.assign(Object.create(whole) as Whole, own)
}
