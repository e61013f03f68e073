// A FHIRPath expression of a Questionnaire, read once, and the variables that it asks for.
import {
  type Faults,
  FhirError,
  type FhirPathNode,
  type JsonObject,
  type JsonValue,
  nearestName,
  parseFhirPath,
} from '../../fhir/index.ts'

/** What an expression selects on a focus; `%name` is `environment[name]`, an array there a collection. */
export type Expression = (
  focus: JsonObject,
  environment: Readonly<Record<string, JsonValue>>,
) => readonly JsonValue[]

/** Makes an expression ready to be used often; throws FhirError('malformed') for what cannot be read. */
export type Evaluators = (expression: string) => Expression

export interface Formula {
  readonly text: string
  /** FHIRPath of the element that it stands in. */
  readonly element: string
  /** Of the `%name`s in it. */
  readonly names: ReadonlySet<string>
  readonly evaluate: Expression
}

/** What expressions may always ask for, constants of FHIRPath among them. */
export const ALWAYS_KNOWN: readonly string[] = [
  'resource',
  'rootResource',
  'context',
  'questionnaire',
  'patient',
  'ucum',
  'sct',
  'loinc',
]

/**
 * Reads an element of type Expression. `known` holds the names that it may ask for; without it, it may ask for any.
 * undefined, and a fault, for another language, bad syntax or an unknown name.
 */
export function readFormula(
  expression: JsonObject,
  element: string,
  known: ReadonlySet<string> | undefined,
  evaluators: Evaluators,
  faults: Faults,
): Formula | undefined {
  const { language, expression: text } = expression
  if (language !== 'text/fhirpath') {
    faults.add(`${element}.language`, 'the language of an expression must be text/fhirpath', 'not-supported')
    return undefined
  }
  if (typeof text !== 'string') {
    faults.add(element, 'it needs an expression', 'required')
    return undefined
  }
  try {
    const names = namesIn(parseFhirPath(text))
    for (const name of names) {
      if (known === undefined || known.has(name) || /^(vs|ext)-/.test(name)) continue
      faults.add(element, unknownName(name, known))
      return undefined
    }
    return { text, element, names, evaluate: evaluators(text) }
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    faults.add(element, error.message)
    return undefined
  }
}

function unknownName(name: string, known: ReadonlySet<string>): string {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? '' : ` Did you mean %${nearest}?`
  return `%${name.slice(0, 100)} is not known here: there are %resource, %questionnaire, %patient, variables of the Questionnaire that come before, and scores of items before.${hint}`
}

function namesIn(node: FhirPathNode): ReadonlySet<string> {
  const names = new Set<string>()
  const walk = (at: FhirPathNode | undefined): void => {
    if (at === undefined) return
    switch (at.kind) {
      case 'environment':
        names.add(at.name)
        break
      case 'member':
      case 'type':
        walk(at.input)
        break
      case 'call':
        walk(at.input)
        for (const argument of at.args) walk(argument)
        break
      case 'indexer':
        walk(at.input)
        walk(at.index)
        break
      case 'unary':
        walk(at.operand)
        break
      case 'binary':
        walk(at.left)
        walk(at.right)
        break
      default:
    }
  }
  walk(node)
  return names
}
