// What reading a search needs, and where in it one is.
import type { Definitions, SearchParameterType } from '../../fhir/index.ts'
import type { SearchLookup } from '../lookup.ts'
import type { Registry } from '../registry.ts'
import type { Budget } from './budget.ts'

export interface ReadingParts {
  readonly registry: Registry
  readonly definitions: Definitions
  /** The server's FHIR base. */
  readonly baseUrl: string
  /** Milliseconds since 1970, for `ap` with dates. */
  readonly now: () => number
  readonly lookup: SearchLookup
}

export interface Reading extends ReadingParts {
  readonly budget: Budget
  /** Names that may stand beside criteria, for hints. */
  readonly alsoKnown: readonly string[]
}

/** A place in a chain. */
export interface Place {
  /** The type whose parameters are named here. */
  readonly type: string
  /** What of the parameter's name leads here, as written: ``, `subject:Patient.`, `_has:Observation:patient:`. */
  readonly path: string
  /** References passed so far. */
  readonly steps: number
  /** Whether no other type is in question here: then whoever is refused is told what would be right for this one. */
  readonly single: boolean
}

/** What values are compared with: a parameter of a type, or a component of a composite. */
export interface ValueTarget {
  /** As written, modifier included, for whoever is told of a fault. */
  readonly name: string
  /** Under which the store keeps its entries. */
  readonly param: string
  /** The resource type and the code that its definition is registered under. */
  readonly base: string
  readonly code: string
  readonly type: SearchParameterType
  /** Whether strings are compared by their sound. */
  readonly phonetic: boolean
  /** FHIR types of the values; `boolean` for one that asks whether something is there. */
  readonly valueTypes: readonly string[]
  /** For references: the resource types that they may lead to. */
  readonly targets: readonly string[]
}
