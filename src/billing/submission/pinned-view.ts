// Shows resources as they were when a claim was made ready, whatever has become of them since.
import { FhirError } from '../../fhir/index.ts'
import { knownVersion, type KnownVersion, type Repository, type WorldView } from '../../repository/index.ts'

/** A versioned read; what several claims share is read once. */
export type VersionReader = (reference: string) => Promise<KnownVersion | undefined>

/** Of `Type/id/_history/version`; undefined when it is not there, or cannot be seen any more. */
export function versionReader(repository: Repository): VersionReader {
  const known = new Map<string, Promise<KnownVersion | undefined>>()
  return (reference) => {
    const found = known.get(reference) ?? readVersion(repository, reference)
    known.set(reference, found)
    return found
  }
}

async function readVersion(repository: Repository, reference: string): Promise<KnownVersion | undefined> {
  const [type = '', id = '', , version = ''] = reference.split('/')
  try {
    return knownVersion(await repository.readVersion(type, id, version))
  } catch (error) {
    if (error instanceof FhirError && (error.code === 'not-found' || error.code === 'deleted'))
      return undefined
    throw error
  }
}

/** Nothing but these versions. */
export function pinnedView(references: readonly string[], read: VersionReader): Pick<WorldView, 'read'> {
  const pinned = new Map(references.map((reference) => [reference.split('/_history/')[0], reference]))
  return {
    read(type, id) {
      const reference = pinned.get(`${type}/${id}`)
      return reference === undefined ? Promise.resolve(undefined) : read(reference)
    },
  }
}
