// One active SearchParameter of this server, as it is held while the server runs.
import type { Resource } from '../fhir/index.ts'
import type { CustomParameter } from '../search/index.ts'

export interface ParameterEntry {
  /** Of the SearchParameter. */
  readonly id: string
  readonly versionId: number
  /** See `digestOf`. */
  readonly digest: string
  readonly resource: Resource
  readonly parameter: CustomParameter
  readonly state: 'indexing' | 'live'
}

export function urlsOf(entries: readonly ParameterEntry[]): readonly string[] {
  return entries.map(({ parameter }) => parameter.url)
}

/** `id@versionId`, sorted. */
export function namesOf(entries: readonly ParameterEntry[]): readonly string[] {
  return entries.map(nameOf).toSorted()
}

export function nameOf({ id, versionId }: ParameterEntry): string {
  return `${id}@${versionId}`
}
