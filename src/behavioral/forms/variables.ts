// SDC's variables of a Questionnaire or of one of its items: FHIRPath, or a query whose value is a searchset Bundle
// (https://hl7.org/fhir/uv/sdc/expressions.html#variable).
import { FhirError, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { VARIABLE } from '../assessments/urls.ts'
import { extensionsOf, objectOf, textOf } from './elements.ts'
import { fillQuery, type FormExpressions, type Values } from './expressions.ts'
import type { FormLookup } from './reader.ts'

const QUERY = 'application/x-fhir-query'
/** What expressions ask for by these names is always something else. */
const RESERVED: ReadonlySet<string> = new Set([
  'resource',
  'rootResource',
  'context',
  'qitem',
  'questionnaire',
  'ucum',
  'sct',
  'loinc',
])

/** Whether expressions can know something by this name that a form or its user has given it. */
export function isVariableName(name: string | undefined): name is string {
  return name !== undefined && /^[A-Za-z][\w-]{0,99}$/.test(name) && !RESERVED.has(name)
}

/** Where expressions look from: `at` is the FHIRPath of an element below the resource, '' for itself. */
export interface Standpoint {
  readonly resource: Resource
  readonly at: string
  readonly values: Values
}

export interface FormTools {
  readonly expressions: FormExpressions
  readonly reader: FormLookup
}

/** The values with those of the owner's variables, each of which sees the ones before it. */
export async function withVariables(
  owner: JsonObject,
  place: string,
  from: Standpoint,
  tools: FormTools,
): Promise<Values> {
  const declared = extensionsOf(owner, VARIABLE)
  if (declared.length === 0) return from.values
  const values: Record<string, JsonValue> = { ...from.values }
  for (const extension of declared) {
    const expression = objectOf(extension.valueExpression)
    const name = textOf(expression?.name)
    if (expression === undefined || !isVariableName(name)) continue
    // What was handed in for a variable stands in place of what it would be.
    if (Object.hasOwn(from.values, name)) continue
    if (expression.language === QUERY) {
      const found = await queryResources(
        textOf(expression.expression) ?? '',
        place,
        { ...from, values },
        tools,
      )
      values[name] = searchset(found)
      continue
    }
    const written = tools.expressions.written(expression, place)
    values[name] =
      written === undefined ? [] : [...tools.expressions.evaluate(written, from.resource, from.at, values)]
  }
  return values
}

/**
 * What an Expression selects: in FHIRPath, or as a query the resources that it finds.
 * @throws FhirError `too-costly`
 */
export async function selectBy(
  expression: JsonObject,
  place: string,
  from: Standpoint,
  tools: FormTools,
): Promise<readonly JsonValue[]> {
  if (expression.language === QUERY)
    return queryResources(textOf(expression.expression) ?? '', place, from, tools)
  const written = tools.expressions.written(expression, place)
  return written === undefined ? [] : tools.expressions.evaluate(written, from.resource, from.at, from.values)
}

/** None, and an issue, when the query cannot be made or is none. */
async function queryResources(
  query: string,
  place: string,
  { resource, at, values }: Standpoint,
  { expressions, reader }: FormTools,
): Promise<readonly Resource[]> {
  const filled = fillQuery(query, (text) => expressions.evaluate({ text, place }, resource, at, values))
  if (filled === undefined) return []
  try {
    return await reader.find(filled)
  } catch (error) {
    if (!(error instanceof FhirError) || error.code === 'too-costly' || error.status >= 500) throw error
    expressions.warn(place, `The query cannot be answered: ${error.message}`)
    return []
  }
}

function searchset(resources: readonly Resource[]): JsonObject {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: resources.length,
    ...(resources.length === 0 ? {} : { entry: resources.map((resource) => ({ resource })) }),
  }
}
