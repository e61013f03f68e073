// What the caller of an operation may see of what is stored, as rules of the domain look at it.
import { FhirError } from '../fhir/index.ts'
import {
  everyMatch,
  knownVersion,
  lastVersions,
  type Repository,
  type WorldView,
} from '../repository/index.ts'

export function callerView(repository: Repository): WorldView {
  return {
    async read(type, id) {
      try {
        return knownVersion(await repository.read(type, id))
      } catch (error) {
        if (error instanceof FhirError && (error.code === 'not-found' || error.code === 'deleted'))
          return undefined
        throw error
      }
    },
    async search(query) {
      const { matches } = await repository.search(query)
      return matches.flatMap((version) => knownVersion(version) ?? [])
    },
    every: (query, most) => everyMatch(query, most, (page) => repository.search(page)),
    async earlier(type, id) {
      const { versions } = await repository.history(lastVersions(type, id))
      return versions.flatMap((version) => knownVersion(version) ?? [])
    },
    stateOf: (type) => repository.stateOf(type),
  }
}
