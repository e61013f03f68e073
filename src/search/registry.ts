// Which search parameters a type has: R4's registry (https://hl7.org/fhir/R4/searchparameter-registry.html).
import type { Definitions, SearchParameterDefinition } from '../fhir/index.ts'
import { linkProgram } from './extraction/paths.ts'
import { ROWS } from './generated/search-parameters.ts'
import type { Row } from './row.ts'
import type { Program } from './steps.ts'

export interface RegisteredParameter {
  readonly definition: SearchParameterDefinition
  readonly program: Program
  /** Whether a search may use it; R4 has more than the server offers yet. */
  readonly offered: boolean
}

export interface Registry {
  /** By code, sorted by code; those that every resource has come last. Empty for a type that R4 does not have. */
  of(type: string): ReadonlyMap<string, RegisteredParameter>
  /** The part of `of` that a search may use. */
  offered(type: string): ReadonlyMap<string, SearchParameterDefinition>
  /** FHIR types of the values that a parameter is about; `boolean` for one that asks whether something is there. */
  valueTypes(type: string, code: string): readonly string[]
}

const CANONICAL = 'http://hl7.org/fhir/SearchParameter/'

/** Matches by sound; matching it by its letters would claim what it does not do. */
const PHONETIC = 'phonetic'

/** Not DomainResources, so without `_text` (https://hl7.org/fhir/R4/resourcelist.html). */
const NO_NARRATIVE: ReadonlySet<string> = new Set(['Binary', 'Bundle', 'Parameters'])

export function createRegistry(definitions: Definitions): Registry {
  const byType = new Map<string, ReadonlyMap<string, RegisteredParameter>>()
  const offeredByType = new Map<string, ReadonlyMap<string, SearchParameterDefinition>>()
  const anyTarget = definitions.resourceTypes.filter((name) => name !== 'Parameters')

  const valueTypes = new Map<RegisteredParameter, readonly string[]>()

  const register = (row: Row, base: string): RegisteredParameter => {
    const [code, type, id, expression, program, description, targets, components] = row
    return Object.freeze({
      definition: Object.freeze({
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
      }),
      program,
      offered: type !== 'composite' && type !== 'special' && program.length > 0 && code !== PHONETIC,
    })
  }

  const link = (type: string): ReadonlyMap<string, RegisteredParameter> => {
    if (!definitions.isResourceType(type)) return new Map()
    const inherited = NO_NARRATIVE.has(type) ? ['Resource'] : ['DomainResource', 'Resource']
    const rows = [type, ...inherited].flatMap((base) => ROWS[base]?.() ?? [])
    return new Map(rows.map((row) => [row[0], register(row, type)]))
  }

  const registry: Registry = {
    of(type) {
      const known = byType.get(type) ?? link(type)
      if (definitions.isResourceType(type)) byType.set(type, known)
      return known
    },
    offered(type) {
      const known =
        offeredByType.get(type) ??
        new Map(
          [...registry.of(type)]
            .filter(([, parameter]) => parameter.offered)
            .map(([code, parameter]) => [code, parameter.definition]),
        )
      if (definitions.isResourceType(type)) offeredByType.set(type, known)
      return known
    },
    valueTypes(type, code) {
      const parameter = registry.of(type).get(code)
      if (parameter === undefined) return []
      const known =
        valueTypes.get(parameter) ??
        linkProgram(definitions, type, parameter.program).map((path) =>
          path.present ? 'boolean' : path.type,
        )
      valueTypes.set(parameter, known)
      return known
    },
  }
  return registry
}
