// Resource -> index entries, for one type; linked at the type's first use.
import { isJsonObject, type Definitions, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { ResourceIndex, SecurityLabel } from '../../store/index.ts'
import type { RegisteredParameter, Registry } from '../registry.ts'
import { clinicalDateReader } from './clinical-date.ts'
import { EntryList } from './entry-list.ts'
import { entryMaker, type EntryMaker } from './entry-maker.ts'
import { linkProgram } from './paths.ts'
import { createWalk } from './walk.ts'

export type Extractor = (resource: Resource) => ResourceIndex

/** What the store itself keeps and compares. */
const KEPT_BY_STORE: ReadonlySet<string> = new Set(['_id', '_lastUpdated'])

export function createExtractor(
  type: string,
  registry: Registry,
  definitions: Definitions,
  baseUrl: string,
): Extractor {
  const parameters = [...registry.of(type).values()].filter(
    ({ definition, offered }) => offered && !KEPT_BY_STORE.has(definition.code),
  )
  const walk = createWalk(
    parameters.flatMap(({ definition, program }) =>
      linkProgram(definitions, type, program).flatMap((path) => {
        const leaf = path.present ? undefined : entryMaker(definition, path, { definitions, baseUrl })
        return leaf === undefined ? [] : [{ path, leaf }]
      }),
    ),
    baseUrl,
  )
  const presences = parameters.flatMap((parameter) => presence(type, parameter, definitions, baseUrl))
  const compartment = new Set(definitions.compartment('Patient', type))
  const clinicalDate = clinicalDateReader(definitions, type)

  return (resource) => {
    const { entries, add } = new EntryList()
    walk(resource, (make: EntryMaker, value) => make(value, add))
    for (const { param, holds } of presences) {
      add({ kind: 'token', param, system: '', code: String(holds(resource)) })
    }
    const patients = new Set<string>()
    if (type === 'Patient' && typeof resource.id === 'string') patients.add(resource.id)
    for (const entry of entries) {
      if (entry.kind !== 'reference' || entry.target.kind !== 'local') continue
      if (entry.target.type === 'Patient' && compartment.has(entry.param)) patients.add(entry.target.id)
    }
    return {
      entries,
      patients: [...patients],
      labels: labelsOf(resource),
      date: clinicalDate(resource),
      contained: [],
    }
  }
}

/** Parameters that ask whether something is there, and not `false`: they have a value in every resource. */
function presence(
  type: string,
  { definition, program }: RegisteredParameter,
  definitions: Definitions,
  baseUrl: string,
): { readonly param: string; readonly holds: (resource: Resource) => boolean }[] {
  const paths = linkProgram(definitions, type, program).filter((path) => path.present)
  if (paths.length === 0) return []
  const walk = createWalk(
    paths.map((path) => ({ path, leaf: undefined })),
    baseUrl,
  )
  const holds = (resource: Resource): boolean => {
    let found = false
    walk(resource, (_, value: JsonValue) => {
      if (value !== false) found = true
    })
    return found
  }
  return [{ param: definition.code, holds }]
}

/** `meta.security`, each once. */
function labelsOf(resource: Resource): readonly SecurityLabel[] {
  const security = isJsonObject(resource.meta) ? resource.meta.security : undefined
  if (!Array.isArray(security)) return []
  const labels = new Map<string, SecurityLabel>()
  for (const label of security) {
    if (!isJsonObject(label) || typeof label.code !== 'string') continue
    const system = typeof label.system === 'string' ? label.system : ''
    labels.set(`${system}|${label.code}`, { system, code: label.code })
  }
  return [...labels.values()]
}
