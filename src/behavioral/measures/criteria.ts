// FHIRPath of a Measure: what it looks up, and errors that say where it stands and tell nothing of a patient.
import {
  FhirError,
  parseFhirPath,
  type FhirPathNode,
  type JsonObject,
  type JsonValue,
} from '../../fhir/index.ts'
import type { Criteria } from './measure.ts'
import { refusedMeasure } from './refused-measure.ts'

/** Prepares an expression for many evaluations. @throws FhirError for one that cannot be read */
export type Prepare = (
  expression: string,
) => (focus: JsonObject, environment: Readonly<Record<string, JsonValue>>) => readonly JsonValue[]

/** Every expression has these, beside the Measure's own variables. */
export const GIVEN = [
  'patient',
  'measurementPeriod',
  'resource',
  'rootResource',
  'context',
  'ucum',
  'sct',
  'loinc',
] as const

/**
 * @param path of the element that holds the expression
 * @throws FhirError `business-rule` for bad syntax
 */
export function readCriteria(expression: string, path: string, prepare: Prepare): Criteria {
  let names: readonly string[]
  let run: ReturnType<Prepare>
  try {
    names = namesIn(parseFhirPath(expression))
    run = prepare(expression)
  } catch (cause) {
    if (!(cause instanceof FhirError)) throw cause
    throw refusedMeasure(path, `The expression cannot be read: ${cause.message}.`, cause)
  }
  return {
    path,
    names,
    evaluate(focus, environment) {
      try {
        return [...run(focus, environment)]
      } catch (cause) {
        if (!(cause instanceof FhirError) || cause.code === 'too-costly') throw cause
        // The cause may quote what stands in a record.
        throw refusedMeasure(
          path,
          'The expression cannot be evaluated on the record of some patient, as where a function is used on what it cannot take, or on several values where one is expected.',
          cause,
        )
      }
    },
  }
}

/** The names after `%`, each once, without those that `defineVariable` makes within the expression. */
function namesIn(expression: FhirPathNode): readonly string[] {
  const used = new Set<string>()
  const defined = new Set<string>()
  const walk = (node: FhirPathNode): void => {
    if (node.kind === 'environment') used.add(node.name)
    if (node.kind === 'call' && node.name === 'defineVariable') {
      const [name] = node.args
      if (name?.kind === 'string') defined.add(name.value)
    }
    for (const child of childrenOf(node)) walk(child)
  }
  walk(expression)
  return [...used.difference(defined)]
}

function childrenOf(node: FhirPathNode): readonly FhirPathNode[] {
  switch (node.kind) {
    case 'member':
    case 'type':
      return node.input === undefined ? [] : [node.input]
    case 'call':
      return node.input === undefined ? node.args : [node.input, ...node.args]
    case 'indexer':
      return [node.input, node.index]
    case 'unary':
      return [node.operand]
    case 'binary':
      return [node.left, node.right]
    default:
      return []
  }
}
