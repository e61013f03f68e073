// An operation over HTTP, by GET with a query or by POST with Parameters (https://hl7.org/fhir/R4/operations.html#executing).
import { FhirError, isJsonObject, type JsonObject, type JsonValue } from '../fhir/index.ts'
import type { Operation } from '../operations/index.ts'
import { asResource } from './body.ts'
import type { Exchange } from './context.ts'
import { readPrefer } from './prefer.ts'
import { cursorOf, readPairs, type Pair } from './query-string.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import { isShaping } from './result-parameters.ts'
import { MAX_COUNT } from './search.ts'
import { answerMatches, answerSearch } from './searchset.ts'
import { readView } from './view.ts'

/** @throws FhirError as the operation does */
export async function operation(exchange: Exchange): Promise<RestResponse> {
  const { request, route, repository, context } = exchange
  const { definitions, search } = context
  const { name, run } = route.operation as Operation
  const pairs = [...readPairs(request.query), ...bodyPairs(request)]
  const view = readView(pairs, '', definitions)
  const answer = await run({
    repository,
    search,
    definitions,
    id: route.id,
    pairs: pairs.filter(([known]) => !isShaping(known) && known !== '_cursor'),
    handling: readPrefer(request.headers.prefer).handling,
    paging: cursorOf(pairs) !== undefined,
    maxCount: MAX_COUNT,
  })
  const path = `${route.type}/${route.id === '' ? '' : `${route.id}/`}$${name}`
  const used: readonly Pair[] = [...answer.used, ...pairs.filter(([known]) => isShaping(known))]
  return answer.kind === 'search'
    ? answerSearch(exchange, { path, query: answer.query, pairs, used, view })
    : answerMatches(exchange, { path, used, view }, answer.versions)
}

/** The parameters of a Parameters resource as a query would have them. @throws FhirError `invalid`, `unsupported-media-type` */
function bodyPairs({ method, body }: RestRequest): readonly Pair[] {
  if (method !== 'POST' || body === undefined) return []
  if (body.kind === 'form') return readPairs(body.text)
  const parameters = body.kind === 'json' ? asResource(body.value) : undefined
  if (parameters?.resourceType !== 'Parameters')
    throw new FhirError(
      'unsupported-media-type',
      'The parameters of an operation are sent in the query, as a form, or as a Parameters resource.',
    )
  const list = parameters.parameter ?? []
  if (!Array.isArray(list)) throw wrong('Parameters.parameter', 'parameter must be an array.')
  return list.map((item, index) => pairOf(item, `Parameters.parameter[${index}]`))
}

function pairOf(item: JsonValue, place: string): Pair {
  if (!isJsonObject(item) || typeof item.name !== 'string') throw wrong(place, 'A parameter needs a name.')
  const values = Object.entries(item).filter(([key]) => key.startsWith('value'))
  const [key, value] = values[0] ?? []
  if (key === undefined || values.length > 1)
    throw wrong(place, 'A parameter needs one value, such as valueString.')
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return [item.name, String(value)]
  if (key === 'valueReference' && isJsonObject(value) && typeof value.reference === 'string')
    return [item.name, value.reference]
  if (key === 'valueCoding' && isJsonObject(value)) return [item.name, codingText(value)]
  throw wrong(`${place}.${key}`, 'Its value must be of a primitive type, a Reference or a Coding.')
}

function codingText({ system, code }: JsonObject): string {
  const escape = (text: JsonValue | undefined): string =>
    typeof text === 'string' ? text.replaceAll(/[\\,|$]/g, String.raw`\$&`) : ''
  return typeof system === 'string' ? `${escape(system)}|${escape(code)}` : escape(code)
}

function wrong(expression: string, diagnostics: string): FhirError {
  return new FhirError('invalid', [{ severity: 'error', code: 'structure', diagnostics, expression }])
}
