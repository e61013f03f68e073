// The criteria of a search, gathered for each type that is searched.
import { FhirError } from '../../fhir/index.ts'
import type { Expression } from '../../store/index.ts'
import { MOST_CHARACTERS, MOST_VALUES } from './budget.ts'
import { criterion } from './criterion.ts'
import { splitUnescaped } from './escapes.ts'
import type { Reading } from './reading.ts'
import { SearchFault } from './refusal.ts'
import { UnknownParameter } from './unknown-parameter.ts'

export class Criteria {
  readonly faults: SearchFault[] = []
  readonly #types: readonly { readonly type: string; readonly reading: Reading }[]
  readonly #lenient: boolean
  readonly #conditions = new Map<string, Expression[]>()
  #values = 0
  #characters = 0

  /** `lenient`: parameters that are unknown are left out. */
  constructor(types: readonly string[], reading: Reading, lenient: boolean) {
    this.#types = types.map((type) => ({ type, reading: { ...reading, budget: reading.budget.another() } }))
    this.#lenient = lenient
  }

  /** What resources of the type must meet, in the order in which it was added. */
  of(type: string): readonly Expression[] {
    return this.#conditions.get(type) ?? []
  }

  /**
   * Whether it counts: every type must have the parameter, so that none is searched by less than was asked.
   * Faults are gathered. @throws FhirError `too-costly`, and what the lookup throws
   */
  async add(name: string, value: string): Promise<boolean> {
    this.#characters += name.length + value.length
    if (this.#characters > MOST_CHARACTERS)
      throw new FhirError(
        'too-costly',
        `The search is longer than ${MOST_CHARACTERS} characters; shorter ones are answered.`,
      )
    this.#values += splitUnescaped(value, ',').length
    if (this.#values > MOST_VALUES)
      throw new FhirError('too-costly', `The search has more than ${MOST_VALUES} values; fewer are answered.`)
    const read: Expression[] = []
    const single = this.#types.length === 1
    for (const { type, reading } of this.#types) {
      try {
        const one = criterion({ type, path: '', steps: 0, single }, name, value, reading)
        read.push(one instanceof Promise ? await one : one)
      } catch (error) {
        if (!(error instanceof SearchFault)) throw error
        const leftOut = this.#lenient && error instanceof UnknownParameter && !error.inValue
        if (!leftOut) this.faults.push(error)
        return false
      }
    }
    for (const [at, { type }] of this.#types.entries()) {
      const known = this.#conditions.get(type) ?? []
      known.push(read[at] as Expression)
      this.#conditions.set(type, known)
    }
    return true
  }
}
