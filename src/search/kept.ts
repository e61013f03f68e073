// Under which names a type's values are kept, each value once: what is the sum of other parameters, or a composite of
// the resource itself, is asked of theirs and has no entries of its own.
import type { Definitions, SearchParameterDefinition } from '../fhir/index.ts'
import { entryMaker } from './extraction/entry-maker.ts'
import { linkProgram, type ValuePath } from './extraction/paths.ts'
import { isPhonetic } from './phonetic.ts'
import type { RegisteredParameter } from './registry.ts'

export interface Kept {
  /** Where the entries of a parameter are: under all of these names together. */
  names(code: string): readonly string[]
  /** The name under which the values of one of its paths become entries; undefined where another parameter has them. */
  nameOf(code: string, path: ValuePath): string | undefined
  /** Of a composite whose values stand together in the resource itself: the names for each component. */
  ofResource(code: string): readonly (readonly string[])[] | undefined
  /** Whether a composite has entries: of elements within the resource, or where `ofResource` says nothing. */
  hasEntries(code: string): boolean
  /** Names for a component of a composite's entries under which each of its values is too; empty when there are none. */
  aside(code: string, place: number): readonly string[]
}

/** Some of a parameter's values. */
interface Part {
  readonly code: string
  readonly name: string
  readonly kind: string
  readonly paths: ReadonlySet<string>
}

/** Their parameters may be made of others. References and dates are asked by name: in compartments, chains and includes, and by `$everything`. */
const SHARING: ReadonlySet<string> = new Set(['token', 'quantity', 'number', 'string'])
/** By which the store follows a canonical. */
const ASKED_BY_NAME: ReadonlySet<string> = new Set(['version'])

/** For values of a parameter that a composite of the resource does not take; no code has a colon. */
const apart = (code: string): string => `${code}:apart`

/** @param parameters R4's own of the type, by code; others keep all their entries */
export function keptOf(
  definitions: Definitions,
  type: string,
  parameters: ReadonlyMap<string, RegisteredParameter>,
): Kept {
  const wholes = new Map<string, Part>()
  for (const { definition, selection } of parameters.values()) {
    if (selection.kind === 'engine' || definition.type === 'composite') continue
    const paths = linkProgram(definitions, type, selection.program)
    // Whether something is there is told once for all paths.
    if (paths.length === 0 || paths.some((path) => path.present)) continue
    const { code } = definition
    wholes.set(code, { code, name: code, kind: kindOf(definition), paths: new Set(paths.map(keyOf)) })
  }
  const parameterAt = (code: string) => parameters.get(code) as RegisteredParameter

  let parts: readonly Part[] = []
  const smallFirst = [...wholes.values()].sort(
    (a, b) => a.paths.size - b.paths.size || (a.code < b.code ? -1 : 1),
  )
  for (const whole of smallFirst) {
    const { type: kind } = parameterAt(whole.code).definition
    const alone = !SHARING.has(kind) || ASKED_BY_NAME.has(whole.code) || whole.code.startsWith('_')
    if (alone || cover(parts, whole) === undefined) parts = [...parts, whole]
  }

  /** Values that a component may have, by what makes entries of them. */
  const wantedBy = (
    { components }: RegisteredParameter,
    bases: readonly ValuePath[],
  ): { readonly code: string; readonly kind: string; readonly paths: ReadonlySet<string> }[] =>
    components.map(({ definition, program }) => {
      const paths = bases.flatMap((base) =>
        linkProgram(definitions, base.type, program, type)
          .filter((path) => entryMaker(definition, path, { definitions, baseUrl: '' }) !== undefined)
          .map((path) => ({
            ...path,
            segments: path.fromRoot ? path.segments : [...base.segments, ...path.segments],
            fromRoot: false,
          })),
      )
      return { code: definition.code, kind: kindOf(definition), paths: new Set(paths.map(keyOf)) }
    })

  const basesOf = ({ selection }: RegisteredParameter) =>
    selection.kind === 'engine' ? [] : linkProgram(definitions, type, selection.program)
  const composites = [...parameters.values()].filter(({ definition }) => definition.type === 'composite')
  const ofResource = new Set<RegisteredParameter>()
  for (const composite of composites) {
    const itself = basesOf(composite).filter(({ segments }) => segments.length === 0)
    if (itself.length === 0) continue
    let split: readonly Part[] | undefined = parts
    for (const wanted of wantedBy(composite, itself)) {
      split = split && splitBy(split, wanted, parameterAt)
      if (split === undefined || cover(split, wanted) === undefined) split = undefined
    }
    if (split === undefined) continue
    parts = split
    ofResource.add(composite)
  }

  const namesOf = (wanted: Pick<Part, 'code' | 'kind' | 'paths'>): readonly string[] =>
    (cover(parts, wanted) ?? []).map(({ name }) => name)
  const names = new Map<string, readonly string[]>()
  for (const whole of wholes.values()) names.set(whole.code, namesOf(whole))
  const ofComponents = new Map<string, readonly (readonly string[])[]>()
  const elements = new Map<string, readonly ReadonlySet<string>[]>()
  for (const composite of composites) {
    const { code } = composite.definition
    const bases = basesOf(composite)
    const within = ofResource.has(composite) ? bases.filter(({ segments }) => segments.length > 0) : bases
    if (ofResource.has(composite)) {
      const itself = bases.filter(({ segments }) => segments.length === 0)
      ofComponents.set(code, wantedBy(composite, itself).map(namesOf))
    }
    if (within.length === 0) elements.set(code, [])
    else
      elements.set(
        code,
        wantedBy(composite, within).map(({ paths }) => paths),
      )
  }

  const ownNames = (code: string): readonly string[] => names.get(code) ?? [code]
  return {
    names: ownNames,
    nameOf(code, path) {
      if (ofComponents.has(code)) return path.segments.length === 0 ? undefined : code
      if (!wholes.has(code)) return code
      const key = keyOf(path)
      return parts.find((part) => part.code === code && part.paths.has(key))?.name
    },
    ofResource: (code) => ofComponents.get(code),
    hasEntries: (code) => elements.get(code)?.length !== 0,
    aside(code, place) {
      const component = parameters.get(code)?.components[place]
      if (component?.covered !== true) return []
      const all = ownNames(component.definition.code)
      const wanted = elements.get(code)?.[place]
      const some = parts.filter(
        ({ name, paths }) => all.includes(name) && wanted?.isDisjointFrom(paths) === false,
      )
      const reached = new Set(some.flatMap(({ paths }) => [...paths]))
      return wanted?.isSubsetOf(reached) === true ? some.map(({ name }) => name) : all
    },
  }
}

/** What makes the same entries of the same values. */
function kindOf(definition: SearchParameterDefinition): string {
  return JSON.stringify([definition.type, isPhonetic(definition), definition.targets])
}

function keyOf(path: ValuePath): string {
  return JSON.stringify(path)
}

/** The parts that together are just what is wanted, those of its own code before others; undefined when none are. */
function cover(
  parts: readonly Part[],
  { code, kind, paths }: Pick<Part, 'code' | 'kind' | 'paths'>,
): readonly Part[] | undefined {
  const within = parts.filter((part) => part.kind === kind && part.paths.isSubsetOf(paths))
  const found: Part[] = []
  const reached = new Set<string>()
  for (const part of within.toSorted((a, b) => Number(b.code === code) - Number(a.code === code))) {
    if (part.paths.isSubsetOf(reached)) continue
    found.push(part)
    for (const path of part.paths) reached.add(path)
  }
  return paths.size > 0 && paths.isSubsetOf(reached) ? found : undefined
}

/** With those parts in two of which some is wanted and some is not; undefined where that cannot be. */
function splitBy(
  parts: readonly Part[],
  { kind, paths }: Pick<Part, 'kind' | 'paths'>,
  parameterAt: (code: string) => RegisteredParameter,
): readonly Part[] | undefined {
  const after: Part[] = []
  for (const part of parts) {
    const partly = part.kind === kind && !part.paths.isSubsetOf(paths) && !part.paths.isDisjointFrom(paths)
    if (!partly) {
      after.push(part)
      continue
    }
    const whole = part.name === part.code && !parts.some((it) => it.code === part.code && it !== part)
    if (!whole || !SHARING.has(parameterAt(part.code).definition.type)) return undefined
    after.push(
      { ...part, paths: part.paths.intersection(paths) },
      { ...part, name: apart(part.code), paths: part.paths.difference(paths) },
    )
  }
  return after
}
