// Resource -> index entries, for one type; linked at the type's first use.
import {
  isJsonObject,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import type { ContainedIndex, IndexEntry, ResourceIndex, SecurityLabel } from '../../store/index.ts'
import { valuelessOf } from '../derived-parameters.ts'
import type { RegisteredParameter, Registry } from '../registry.ts'
import type { SelectedValue } from '../selection.ts'
import { clinicalDateReader } from './clinical-date.ts'
import { compositeEntryMaker } from './composite-entries.ts'
import { derivedEntryMaker } from './derived-entries.ts'
import { EntryList } from './entry-list.ts'
import { entryMaker, type EntryMaker, type EntryMakerParts } from './entry-maker.ts'
import { linkProgram, type ValuePath } from './paths.ts'
import type { Scope } from './refers-to.ts'
import { addQuestionnaireAliases } from './questionnaire-aliases.ts'
import { createWalk } from './walk.ts'

export interface Extractor {
  index(resource: Resource): ResourceIndex
  /** Of a resource of the type within another. */
  entries(scope: Scope): readonly IndexEntry[]
}

/** What the store itself keeps and compares. */
const KEPT_BY_STORE: ReadonlySet<string> = new Set(['_id', '_lastUpdated'])

/** What a parameter has been found to have so far, by its place in the list of parameters. */
interface Found {
  readonly list: EntryList
  readonly state: Uint8Array
}

/** Nothing is 0. */
const VALUE = 1
const ENTRY = 2

/** What is done with a value that a path leads to. */
type Leaf = (value: JsonValue, scope: Scope, found: Found) => void

export interface ExtractorParts {
  readonly registry: Registry
  readonly definitions: Definitions
  readonly baseUrl: string
  /** The extractor of a contained resource's type; undefined for a type that R4 does not have. */
  readonly extractorOf: (type: string) => Extractor | undefined
}

export function createExtractor(type: string, parts: ExtractorParts): Extractor {
  const { registry, definitions, baseUrl, extractorOf } = parts
  const parameters = [...registry.of(type).values()].filter(
    ({ definition, extracted }) => extracted && !KEPT_BY_STORE.has(definition.code),
  )
  const walk = createWalk(
    parameters.flatMap((parameter, at) => leavesOf(type, parameter, at, parts)),
    baseUrl,
  )
  const computed = parameters.flatMap((parameter, at) => computedValues(parameter, at, parts))
  const presences = parameters.flatMap((parameter) => presence(type, parameter, parts))
  const askedForMissing = parameters.map(({ definition }) =>
    definition.type === 'composite' || definition.type === 'special'
      ? undefined
      : valuelessOf(definition.code),
  )
  const compartment = new Set(definitions.compartment('Patient', type))
  const clinicalDate = clinicalDateReader(definitions, type)

  const collect = (scope: Scope): readonly IndexEntry[] => {
    const { resource, container } = scope
    const found: Found = {
      list: new EntryList(resource === container),
      state: new Uint8Array(parameters.length),
    }
    const { list, state } = found
    walk(resource, scope, (leaf, value) => leaf(value, scope, found))
    for (const read of computed) read(scope, found)
    list.of(parameters.length)
    for (const { param, holds } of presences) {
      list.add({ kind: 'token', param, system: '', code: String(holds(scope)) })
    }
    for (let at = 0; at < state.length; at += 1) {
      const param = state[at] === VALUE ? askedForMissing[at] : undefined
      if (param !== undefined) list.add({ kind: 'token', param, system: '', code: 'true' })
    }
    if (type === 'Questionnaire') addQuestionnaireAliases(resource, list.add)
    return list.entries
  }

  return {
    entries: collect,
    index(resource) {
      const entries = collect({ resource, container: resource })
      const patients: string[] = []
      if (type === 'Patient' && typeof resource.id === 'string') patients.push(resource.id)
      for (const entry of entries) {
        if (entry.kind !== 'reference' || entry.target.kind !== 'local') continue
        const { target, param } = entry
        // Several parameters name the same one.
        if (target.type === 'Patient' && compartment.has(param) && patients.at(-1) !== target.id)
          patients.push(target.id)
      }
      return {
        entries,
        patients: patients.length > 1 ? [...new Set(patients)] : patients,
        labels: labelsOf(resource),
        date: clinicalDate(resource),
        contained: containedIn(resource, extractorOf),
      }
    },
  }
}

/** Where a compiled parameter's values are, and what is made of each. */
function leavesOf(
  type: string,
  { definition, selection, components }: RegisteredParameter,
  at: number,
  { registry, definitions, baseUrl }: ExtractorParts,
): { readonly path: ValuePath; readonly leaf: Leaf }[] {
  if (selection.kind === 'engine') return []
  const parts = { definitions, baseUrl }
  const paths = linkProgram(definitions, type, selection.program).filter((path) => !path.present)
  const kept = registry.kept(type)
  return paths.flatMap((path) => {
    const name = kept.nameOf(definition.code, path)
    if (name === undefined) return []
    if (definition.type !== 'composite')
      return { path, leaf: plainLeaf({ ...definition, code: name }, path, at, parts) }
    const make = compositeEntryMaker(definition.code, type, path, components, parts)
    const leaf: Leaf = (value, scope, { list }) => {
      if (!isJsonObject(value)) return
      list.of(at)
      make(value, scope, list.add)
    }
    return { path, leaf }
  })
}

function plainLeaf(
  definition: RegisteredParameter['definition'],
  values: { readonly type: string; readonly valueSet: string | undefined },
  at: number,
  parts: EntryMakerParts,
): Leaf {
  const make: EntryMaker = entryMaker(definition, values, parts) ?? (() => {})
  const derive = derivedEntryMaker(definition, values)
  return (value, _, { list, state }) => {
    list.of(at)
    const before = list.added
    make(value, list.add)
    if (list.added > before) state[at] = ENTRY
    else if (state[at] === 0) state[at] = VALUE
    derive?.(value, list.add)
  }
}

/** The values that the FHIRPath engine selects say their types only then. */
function computedValues(
  { definition, selection }: RegisteredParameter,
  at: number,
  { definitions, baseUrl }: ExtractorParts,
): ((scope: Scope, found: Found) => void)[] {
  if (selection.kind === 'steps') return []
  const leaves = new Map<string | undefined, Leaf>()
  const leafFor = ({ type }: SelectedValue): Leaf => {
    let leaf = leaves.get(type)
    if (leaf === undefined) {
      leaf = plainLeaf(definition, { type: type ?? '', valueSet: undefined }, at, { definitions, baseUrl })
      leaves.set(type, leaf)
    }
    return leaf
  }
  const { select } = selection
  return [
    (scope, found) => {
      for (const selected of select(scope)) leafFor(selected)(selected.value, scope, found)
    },
  ]
}

/** Parameters that ask whether something is there, and not `false`: they have a value in every resource. */
function presence(
  type: string,
  { definition, selection }: RegisteredParameter,
  { definitions, baseUrl }: ExtractorParts,
): { readonly param: string; readonly holds: (scope: Scope) => boolean }[] {
  if (selection.kind === 'engine') return []
  const paths = linkProgram(definitions, type, selection.program).filter((path) => path.present)
  if (paths.length === 0) return []
  const walk = createWalk(
    paths.map((path) => ({ path, leaf: undefined })),
    baseUrl,
  )
  const holds = (scope: Scope): boolean => {
    let found = false
    walk(scope.resource, scope, (_, value) => {
      if (value !== false) found = true
    })
    return found
  }
  return [{ param: definition.code, holds }]
}

const NONE_CONTAINED: readonly ContainedIndex[] = Object.freeze([])
const NO_LABELS: readonly SecurityLabel[] = Object.freeze([])

/** Those that can be referred to: with an id that no other has, and of a type that R4 has. */
function containedIn(
  container: Resource,
  extractorOf: ExtractorParts['extractorOf'],
): readonly ContainedIndex[] {
  if (!Array.isArray(container.contained)) return NONE_CONTAINED
  const contained = new Map<string, ContainedIndex>()
  for (const resource of container.contained) {
    if (!isJsonObject(resource)) continue
    const { resourceType, id } = resource
    if (typeof resourceType !== 'string' || typeof id !== 'string' || contained.has(id)) continue
    const entries = extractorOf(resourceType)?.entries({ resource, container })
    if (entries !== undefined) contained.set(id, { type: resourceType, id, entries })
  }
  return [...contained.values()]
}

/** `meta.security`, each once. */
function labelsOf(resource: JsonObject): readonly SecurityLabel[] {
  const security = isJsonObject(resource.meta) ? resource.meta.security : undefined
  if (!Array.isArray(security)) return NO_LABELS
  const labels = new Map<string, SecurityLabel>()
  for (const label of security) {
    if (!isJsonObject(label) || typeof label.code !== 'string') continue
    const system = typeof label.system === 'string' ? label.system : ''
    labels.set(`${system}|${label.code}`, { system, code: label.code })
  }
  return [...labels.values()]
}
