// Which search parameters a type has: R4's registry (https://hl7.org/fhir/R4/searchparameter-registry.html) and custom ones.
import type { Definitions, SearchParameterDefinition } from '../fhir/index.ts'
import type { CustomParameter } from './custom-parameter.ts'
import { clinicalElement } from './extraction/clinical-date.ts'
import { linkProgram, type ValuePath } from './extraction/paths.ts'
import { keptOf, type Kept } from './kept.ts'
import { isMimeType } from './mime-type.ts'
import { ROWS } from './generated/search-parameters.ts'
import type { Row } from './row.ts'
import type { Selection } from './selection.ts'
import type { Program } from './steps.ts'

export interface RegisteredParameter {
  readonly definition: SearchParameterDefinition
  readonly selection: Selection
  /** In order; empty unless it is a composite. */
  readonly components: readonly RegisteredComponent[]
  /** Whether resources are to be indexed by it. */
  readonly extracted: boolean
  /** Whether a search may use it. */
  readonly offered: boolean
  /** Why not, where there is more to say: `is being indexed (40% done)`. */
  readonly status: string | undefined
}

export interface RegisteredComponent {
  /** The parameter that the component's values are of, as the type at hand has it. */
  readonly definition: SearchParameterDefinition
  /** From an element of the composite. */
  readonly program: Program
  /** FHIR types of the component's values. */
  readonly valueTypes: readonly string[]
  /** Whether each of its values is also one of `definition.code` itself, so that a store may look there first. */
  readonly covered: boolean
}

export interface Registry {
  /** By code, sorted by code; those that every resource has come last. Empty for a type that R4 does not have. */
  of(type: string): ReadonlyMap<string, RegisteredParameter>
  /** The part of `of` that a search may use. */
  offered(type: string): ReadonlyMap<string, SearchParameterDefinition>
  /** FHIR types of the values that a parameter is about; `boolean` for one that asks whether something is there. */
  valueTypes(type: string, code: string): readonly string[]
  /** Whether the values of a parameter are mime types. */
  hasMimeTypes(type: string, code: string): boolean
  /** Whether the values of a parameter are the clinical dates of resources (extraction/clinical-date.ts), and no others. */
  isClinicalDate(type: string, code: string): boolean
  /** The components of a composite, in order; empty for any other parameter. */
  components(type: string, code: string): readonly RegisteredComponent[]
  /** Under which names the values of the type's parameters are kept. */
  kept(type: string): Kept
  /** Names under which each value of a composite's component is kept as well, so that a store may look there first. */
  aside(type: string, code: string, place: number): readonly string[]
  /** What to tell somebody who asks for a known parameter that is not offered yet; undefined when there is nothing. */
  statusOf(type: string, code: string): string | undefined
  /** The parameter of a type by canonical URL, without version. */
  byUrl(type: string, url: string): RegisteredParameter | undefined
  /** All resource types but Parameters: what a reference that names no target may lead to. */
  readonly anyTarget: readonly string[]
  /** Resource types that are of this base: itself, or all for Resource, or those with a narrative for DomainResource. */
  typesOf(base: string): readonly string[]
  /** In place of those set before. Returns the types whose extraction has changed. */
  setCustom(parameters: readonly CustomParameter[]): readonly string[]
  readonly custom: readonly CustomParameter[]
}

const CANONICAL = 'http://hl7.org/fhir/SearchParameter/'

/** Found by the store itself in what it keeps of a resource's words. */
const FULL_TEXT: ReadonlySet<string> = new Set(['_text', '_content'])

/** Not DomainResources, so without `_text` (https://hl7.org/fhir/R4/resourcelist.html). */
const NO_NARRATIVE: ReadonlySet<string> = new Set(['Binary', 'Bundle', 'Parameters'])

export function createRegistry(definitions: Definitions): Registry {
  const ownByType = new Map<string, ReadonlyMap<string, RegisteredParameter>>()
  const keptByType = new Map<string, Kept>()
  const byType = new Map<string, ReadonlyMap<string, RegisteredParameter>>()
  const offeredByType = new Map<string, ReadonlyMap<string, SearchParameterDefinition>>()
  const valueTypes = new WeakMap<RegisteredParameter, readonly string[]>()
  const anyTarget = definitions.resourceTypes.filter((name) => name !== 'Parameters')
  let custom: readonly CustomParameter[] = []

  const definitionOf = (row: Row, base: string): SearchParameterDefinition => {
    const [code, type, id, expression, , description, targets, components] = row
    return Object.freeze({
      code,
      url: CANONICAL + id,
      type,
      base,
      expression,
      targets: targets === '*' ? anyTarget : targets,
      components: components.map(([definition, part]) => ({
        definition: CANONICAL + definition,
        expression: part,
      })),
      description,
    })
  }

  /** R4's own parameters of a type. */
  const own = (type: string): ReadonlyMap<string, RegisteredParameter> => {
    if (!definitions.isResourceType(type)) return new Map()
    const known = ownByType.get(type)
    if (known !== undefined) return known
    const inherited = NO_NARRATIVE.has(type) ? ['Resource'] : ['DomainResource', 'Resource']
    const rows = [type, ...inherited].flatMap((base) => ROWS[base]?.() ?? [])
    const register = (row: Row): RegisteredParameter => {
      const [code, , , , program, , , components] = row
      const linked = components.map(([id, , part]) => {
        const other = rows.find((it) => it[2] === id)
        if (other === undefined) throw new Error(`${type} has no parameter ${id} for ${code}`)
        const about = { definition: definitionOf(other, type), program: part, whole: other[4] }
        return linkComponent(definitions, type, program, about)
      })
      const found = program.length > 0
      return Object.freeze({
        definition: definitionOf(row, type),
        selection: { kind: 'steps', program } as const,
        components: linked,
        extracted: found,
        offered: found || FULL_TEXT.has(code),
        status: undefined,
      })
    }
    const all = new Map(rows.map((row) => [row[0], register(row)]))
    ownByType.set(type, all)
    return all
  }

  const registry: Registry = {
    anyTarget,
    of(type) {
      const known = byType.get(type)
      if (known !== undefined) return known
      const written = custom.flatMap((parameter) => registered(parameter, type))
      const all = written.length === 0 ? own(type) : inOrder([...own(type).entries(), ...written])
      if (definitions.isResourceType(type)) byType.set(type, all)
      return all
    },
    offered(type) {
      const known = offeredByType.get(type)
      if (known !== undefined) return known
      const offered = new Map(
        [...registry.of(type)]
          .filter(([, parameter]) => parameter.offered)
          .map(([code, parameter]) => [code, parameter.definition]),
      )
      if (definitions.isResourceType(type)) offeredByType.set(type, offered)
      return offered
    },
    valueTypes(type, code) {
      const parameter = registry.of(type).get(code)
      if (parameter === undefined) return []
      const known = valueTypes.get(parameter)
      if (known !== undefined) return known
      const types = typesOfValues(definitions, type, parameter)
      valueTypes.set(parameter, types)
      return types
    },
    hasMimeTypes(type, code) {
      const selection = registry.of(type).get(code)?.selection
      if (selection?.kind !== 'steps') return false
      return linkProgram(definitions, type, selection.program).some(isMimeType)
    },
    isClinicalDate(type, code) {
      const selection = own(type).get(code)?.selection
      if (selection?.kind !== 'steps' || selection.program.length !== 1) return false
      const [first, ...more] = selection.program[0]!
      return more.length === 0 && first?.[0] === 'child' && first[1] === clinicalElement(type)
    },
    components: (type, code) => registry.of(type).get(code)?.components ?? [],
    kept(type) {
      const known = keptByType.get(type)
      if (known !== undefined) return known
      const kept = keptOf(definitions, type, own(type))
      if (definitions.isResourceType(type)) keptByType.set(type, kept)
      return kept
    },
    aside(type, code, place) {
      if (own(type).has(code)) return registry.kept(type).aside(code, place)
      const component = registry.components(type, code)[place]
      return component?.covered === true ? registry.kept(type).names(component.definition.code) : []
    },
    statusOf: (type, code) => registry.of(type).get(code)?.status,
    byUrl: (type, url) => [...registry.of(type).values()].find((it) => it.definition.url === url),
    typesOf(base) {
      if (base === 'Resource') return definitions.resourceTypes
      if (base === 'DomainResource') return definitions.resourceTypes.filter((it) => !NO_NARRATIVE.has(it))
      return definitions.isResourceType(base) ? [base] : []
    },
    setCustom(parameters) {
      const before = new Set(custom.map((it) => it.compiled))
      const after = new Set(parameters.map((it) => it.compiled))
      const changed = [...custom, ...parameters].filter(
        ({ compiled }) => !before.has(compiled) || !after.has(compiled),
      )
      custom = [...parameters]
      byType.clear()
      offeredByType.clear()
      return [...new Set(changed.flatMap((it) => it.types))]
    },
    get custom() {
      return custom
    },
  }
  return registry
}

function registered(
  { state, indexed, compiled }: CustomParameter,
  type: string,
): readonly (readonly [string, RegisteredParameter])[] {
  const parameter = compiled.get(type)
  if (parameter === undefined) return []
  const live = state === 'live'
  return [
    [
      parameter.definition.code,
      Object.freeze({
        ...parameter,
        extracted: true,
        offered: live,
        status: live ? undefined : indexingStatus(indexed),
      }),
    ],
  ]
}

function indexingStatus(indexed: CustomParameter['indexed']): string {
  if (indexed === undefined) return 'is being indexed'
  // No counts: they are of all that is stored, whoever may see it.
  const done = indexed.total === 0 ? 0 : Math.floor((100 * indexed.done) / indexed.total)
  return `is being indexed (${done}% done)`
}

/** A type's own by code, then those of every resource by code. */
function inOrder(
  parameters: readonly (readonly [string, RegisteredParameter])[],
): ReadonlyMap<string, RegisteredParameter> {
  const rank = (code: string): string => (code.startsWith('_') ? `1${code}` : `0${code}`)
  return new Map(
    [...parameters]
      .map(([code, parameter]): [string, RegisteredParameter] => [code, parameter])
      .sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)),
  )
}

function typesOfValues(
  definitions: Definitions,
  type: string,
  { definition, selection }: RegisteredParameter,
): readonly string[] {
  if (selection.kind === 'steps') {
    const paths = linkProgram(definitions, type, selection.program)
    return paths.map((path) => (path.present ? 'boolean' : path.type))
  }
  // Whatever the engine may select that such a parameter can be about.
  return definition.type === 'reference' ? ['Reference', 'canonical'] : ['Element']
}

/** `whole`: the program of the component's parameter, from the resource. */
export function linkComponent(
  definitions: Definitions,
  type: string,
  base: Program,
  {
    definition,
    program,
    whole,
  }: { readonly definition: SearchParameterDefinition; readonly program: Program; readonly whole: Program },
): RegisteredComponent {
  const wholePaths = new Set(linkProgram(definitions, type, whole).map(placeOf))
  const paths = linkProgram(definitions, type, base).flatMap((element) =>
    linkProgram(definitions, element.type, program, type).map((path) =>
      path.fromRoot ? path : { ...path, segments: [...element.segments, ...path.segments] },
    ),
  )
  return Object.freeze({
    definition,
    program,
    valueTypes: [...new Set(paths.map((path) => path.type))],
    covered: paths.every((path) => wholePaths.has(placeOf(path))),
  })
}

function placeOf({ segments }: ValuePath): string {
  return JSON.stringify(segments)
}
