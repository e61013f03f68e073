// What requests and answers hold, and what parameters are called, wherever the API description says so.
type Json = Record<string, unknown>

export const FHIR_JSON = 'application/fhir+json'
export const FHIR_XML = 'application/fhir+xml'
/** OpenAPI has no words for elements in their order, with their values in attributes. */
const XML_CONTENT = { schema: { type: 'string', description: 'The same in the XML of FHIR.' } }

export function schemaNamed(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}

/** A parameter that `components.parameters` has under this name. */
export function refer(name: string): Json {
  return { $ref: `#/components/parameters/${name}` }
}

export function header(name: string, description: string): Json {
  return { name, in: 'header', description, schema: { type: 'string' } }
}

export function query(name: string, schema: Json, description: string): Json {
  return { name, in: 'query', description, schema }
}

/** What is sent: JSON by this schema, or the same in XML. */
export function sentContent(schema: Json): Json {
  return { [FHIR_JSON]: { schema }, [FHIR_XML]: XML_CONTENT }
}

/** JSON and XML under the names that the client asks for; the schemas are those of the JSON. */
export function answerContent(schema: string): Json {
  const content = { schema: schemaNamed(schema) }
  return {
    [FHIR_JSON]: content,
    'application/json': content,
    [FHIR_XML]: XML_CONTENT,
    'application/xml': XML_CONTENT,
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Created; Location tells where.',
  204: 'Done; nothing to send.',
  304: 'Not modified.',
}

/** By status: what a success answers with, and that all else is an error. */
export function responses(
  statuses: readonly number[],
  schema: string,
  method: string,
  alsoIn: readonly string[] = [],
): Json {
  const answer: Record<string, Json> = {}
  for (const status of statuses) {
    const meaning = MEANINGS[status]
    if (meaning === undefined) answer[status] = { $ref: '#/components/responses/Error' }
    else
      answer[status] = {
        description: meaning,
        ...(method === 'HEAD' || status === 204 || status === 304
          ? {}
          : { content: { ...answerContent(schema), ...textsIn(alsoIn) } }),
      }
  }
  return { ...answer, default: { $ref: '#/components/responses/Error' } }
}

function textsIn(mediaTypes: readonly string[]): Json {
  return Object.fromEntries(mediaTypes.map((type) => [type, { schema: { type: 'string' } }]))
}
