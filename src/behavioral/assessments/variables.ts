// SDC's variables at the root of a Questionnaire (https://hl7.org/fhir/uv/sdc/expressions.html#variable).
import {
  collectFaults,
  extensionsOf,
  extensionValueOf,
  type Faults,
  isJsonObject,
  type Resource,
} from '../../fhir/index.ts'
import { ALWAYS_KNOWN, type Evaluators, type Formula, readFormula } from './formula.ts'
import { VARIABLE } from './urls.ts'

export interface Variable {
  readonly name: string
  readonly formula: Formula
}

const MOST_VARIABLES = 100

/**
 * The variables that can be computed from a response, in their order: each sees those before it. One that asks for what
 * only who fills in the form knows, such as %user or a query, is left out: what uses it is told that it is not known.
 */
export function readVariables(
  questionnaire: Resource,
  evaluators: Evaluators,
  faults: Faults,
): readonly Variable[] {
  const variables: Variable[] = []
  const known = new Set(ALWAYS_KNOWN)
  const found = extensionsOf(questionnaire, 'Questionnaire', VARIABLE)
  if (found.length > MOST_VARIABLES) {
    faults.add('Questionnaire', `it has more than ${MOST_VARIABLES} variables`, 'too-costly')
    return []
  }
  for (const extension of found) {
    const read = extensionValueOf(extension, 'Expression', faults)
    if (read === undefined || !isJsonObject(read.value)) continue
    const { name } = read.value
    if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
      faults.add(read.element, 'a variable needs a name of letters, digits, - and _', 'required')
    } else if (known.has(name) || name === 'score' || name.startsWith('score_')) {
      faults.add(`${read.element}.name`, `%${name} is something else already`, 'duplicate')
    } else {
      const formula = readFormula(read.value, read.element, known, evaluators, collectFaults())
      if (formula === undefined) continue
      variables.push({ name, formula })
      known.add(name)
    }
  }
  return variables
}
