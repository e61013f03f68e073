// One evaluation: what it may look at, what it may still cost, and where it stands.
import { FhirError } from '../../errors.ts'
import { isJsonObject, type JsonObject } from '../../resource.ts'
import type { Environment } from '../engine.ts'
import { shortFhirPath } from '../tokens.ts'
import { type Item, type Items, itemOf, Node, NONE } from './item.ts'

/** FHIR's own variables (https://hl7.org/fhir/R4/fhirpath.html#variables). */
const CONSTANTS: ReadonlyMap<string, Items> = new Map([
  ['ucum', ['http://unitsofmeasure.org']],
  ['sct', ['http://snomed.info/sct']],
  ['loinc', ['http://loinc.org']],
])

const FOCUS: ReadonlySet<string> = new Set(['resource', 'rootResource', 'context'])

/**
 * Parts of an expression evaluated for an item, items visited, compared or made, and characters of text made, in one
 * evaluation: some tenths of a second, and some tens of megabytes. Honest expressions need a few thousands.
 */
const MOST_STEPS = 3_000_000

/** Thrown where the data asks for more than the compiled subset: it says nothing about the expression's result. */
export class BeyondSubset extends Error {
  override readonly name = 'BeyondSubset'
}

export class Run {
  readonly expression: string
  readonly focus: Items
  readonly #environment: Environment
  readonly #variables = new Map<string, Items>()
  #left = MOST_STEPS

  constructor(expression: string, focus: JsonObject, environment: Environment) {
    this.expression = expression
    this.focus = [new Node(focus, undefined, undefined, undefined)]
    this.#environment = environment
  }

  /** Counts what is done; throws FhirError('too-costly') when it gets too much. */
  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) {
      throw new FhirError('too-costly', `FHIRPath '${shortFhirPath(this.expression)}' takes too many steps`)
    }
  }

  /** An error of the expression on this data. */
  fault(reason: string): FhirError {
    return new FhirError(
      'invalid',
      `FHIRPath '${shortFhirPath(this.expression)}' cannot be evaluated: ${reason}`,
    )
  }

  /** `%name` */
  variable(name: string): Items {
    const known = this.#variables.get(name)
    if (known !== undefined) return known
    const made = this.#readVariable(name)
    this.#variables.set(name, made)
    return made
  }

  /** Whether `%name` has a meaning of its own. */
  hasVariable(name: string): boolean {
    return Object.hasOwn(this.#environment, name) || FOCUS.has(name) || CONSTANTS.has(name)
  }

  /** The JSON that was handed in as `%name`, when that is one object. */
  object(name: string): JsonObject | undefined {
    const value = Object.hasOwn(this.#environment, name) ? this.#environment[name] : undefined
    return isJsonObject(value) ? value : undefined
  }

  #readVariable(name: string): Items {
    if (Object.hasOwn(this.#environment, name)) {
      const value = this.#environment[name]
      if (value === undefined) return NONE
      return (Array.isArray(value) ? value : [value])
        .map(itemOf)
        .filter((item): item is Item => item !== undefined)
    }
    if (FOCUS.has(name)) return this.focus
    const constant = CONSTANTS.get(name)
    if (constant !== undefined) return constant
    throw this.fault(`there is no variable %${name}`)
  }
}

/** Where a criterion or a projection looks from. */
export class Frame {
  readonly run: Run
  /** `$this` */
  focus: Items
  /** `$index` */
  index: number
  /** `$total` */
  total: Items
  /** By defineVariable() so far, the newest first. */
  defined: Defined | undefined

  constructor(run: Run, focus: Items, index: number, total: Items, defined: Defined | undefined) {
    this.run = run
    this.focus = focus
    this.index = index
    this.total = total
    this.defined = defined
  }

  /** The frame of an argument that looks from other items. */
  inner(focus: Items): Frame {
    return new Frame(this.run, focus, this.index, this.total, this.defined)
  }
}

export interface Defined {
  readonly name: string
  readonly items: Items
  readonly earlier: Defined | undefined
}

/** A compiled part of an expression. */
export type Step = (frame: Frame) => Items
