// The API as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), made from the table of interactions and
// the registry of search parameters, as the routes and the CapabilityStatement are.
import type { Definitions, SearchParameterDefinition } from '../fhir/index.ts'
import { INTERACTIONS, type Interaction, type Software } from '../rest/index.ts'
import type { Search } from '../search/index.ts'
import {
  answerContent,
  FHIR_JSON,
  FHIR_XML,
  header,
  query,
  refer,
  responses,
  schemaNamed,
  sentContent,
} from './contents.ts'
import { operationPaths } from './operations.ts'
import { SCHEMAS } from './schemas.ts'

export interface OpenApiParts {
  /** The FHIR base, such as `http://127.0.0.1:8080/fhir`. */
  readonly baseUrl: string
  readonly definitions: Definitions
  readonly search: Search
  readonly software: Software
}

type Json = Record<string, unknown>

/** The whole document; a few hundred kilobytes, since every type's search parameters stand in it. */
export function openApiDocument({ baseUrl, definitions, search, software }: OpenApiParts): Json {
  // Operations say themselves where they are.
  const offered = (INTERACTIONS as readonly Interaction[]).filter(
    ({ offered, code }) => offered && code !== 'operation',
  )
  const paths: Record<string, Json> = {}
  for (const interaction of offered)
    for (const method of interaction.methods) {
      const path = templateOf(interaction.path)
      paths[path] ??= pathItem(interaction)
      paths[path][method.toLowerCase()] = operation(interaction, method)
    }
  Object.assign(paths, operationPaths())
  for (const type of definitions.resourceTypes) paths[`/${type}`] = searchPath(type, search)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Alcove',
      version: software.version,
      summary: 'FHIR R4 clinical data server for behavioral health',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    externalDocs: { description: 'HL7 FHIR R4', url: 'https://hl7.org/fhir/R4/' },
    servers: [{ url: baseUrl }],
    tags: [
      { name: 'instance', description: 'One resource' },
      { name: 'type', description: 'All resources of a type' },
      { name: 'system', description: 'The whole server' },
      { name: 'search', description: 'The search parameters of each type' },
    ],
    paths,
    components: {
      schemas: { ...SCHEMAS, ResourceType: { type: 'string', enum: definitions.resourceTypes } },
      parameters: PARAMETERS,
      responses: {
        Error: {
          description: 'What went wrong, by which rule, and what would be right.',
          content: answerContent('OperationOutcome'),
        },
      },
    },
  }
}

const PARAMETERS: Record<string, Json> = {
  type: { name: 'type', in: 'path', required: true, schema: { $ref: '#/components/schemas/ResourceType' } },
  id: { name: 'id', in: 'path', required: true, schema: { $ref: '#/components/schemas/Id' } },
  vid: { name: 'vid', in: 'path', required: true, schema: { type: 'string', pattern: '^[1-9][0-9]*$' } },
  other: { name: 'other', in: 'path', required: true, schema: { $ref: '#/components/schemas/ResourceType' } },
  'If-Match': header('If-Match', 'The ETag of the version that the change is made on, or `*`.'),
  'If-None-Match': header(
    'If-None-Match',
    'An ETag: answer 304 when it is still current; `*` on PUT: only create.',
  ),
  'If-Modified-Since': header(
    'If-Modified-Since',
    'Answer 304 when nothing has changed since this HTTP date.',
  ),
  'If-None-Exist': header('If-None-Exist', 'Search criteria: create only when nothing matches.'),
  Prefer: header('Prefer', '`return=minimal|representation|OperationOutcome`, `handling=strict|lenient`'),
  _format: query(
    '_format',
    { type: 'string', enum: ['json', 'application/json', FHIR_JSON, 'xml', 'application/xml', FHIR_XML] },
    'The format of the answer.',
  ),
  _pretty: query('_pretty', { type: 'boolean' }, 'Indent the answer.'),
  _summary: query(
    '_summary',
    { type: 'string', enum: ['true', 'text', 'data', 'count', 'false'] },
    'Which part of each resource to send.',
  ),
  _elements: query('_elements', { type: 'string' }, 'Names of top-level elements to send, by commas.'),
  _count: query('_count', { type: 'integer', minimum: 0, maximum: 1000 }, 'Entries a page.'),
  _since: query('_since', { type: 'string' }, 'Only versions written at or after this instant.'),
  _at: query('_at', { type: 'string' }, 'Only versions that were current at this date or time.'),
  _sort: query(
    '_sort',
    { type: 'string' },
    'Search parameters by commas: the order of the matches; `-` before one turns it round.',
  ),
  _include: query(
    '_include',
    { type: 'array', items: { type: 'string' } },
    '`Type:parameter`, `Type:parameter:Target` or `*`: also send what matches refer to.',
  ),
  _revinclude: query(
    '_revinclude',
    { type: 'array', items: { type: 'string' } },
    '`Type:parameter`, `Type:parameter:Target` or `*`: also send what refers to matches.',
  ),
  _type: query('_type', { type: 'string' }, 'Only resources of these types, by commas.'),
  _contained: query(
    '_contained',
    { type: 'string', enum: ['false', 'true', 'both'] },
    'Whether to find contained resources.',
  ),
  _containedType: query(
    '_containedType',
    { type: 'string', enum: ['container', 'contained'] },
    'Whether to send a contained match or its container.',
  ),
  _total: query(
    '_total',
    { type: 'string', enum: ['none', 'estimate', 'accurate'] },
    'Whether to count all matches.',
  ),
}

/** `/:type/:id` -> `/{type}/{id}` */
function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}

function pathItem({ path }: Interaction): Json {
  return { parameters: [...path.matchAll(/:(\w+)/g)].map(([, name]) => refer(name as string)) }
}

function operation(interaction: Interaction, method: string): Json {
  const { name, level, summary, link, headers, takes } = interaction
  const hasBody = takes !== 'nothing' && method !== 'GET' && method !== 'HEAD'
  return {
    operationId: method === interaction.methods[0] ? name : `${name}-${method.toLowerCase()}`,
    tags: [level],
    summary,
    externalDocs: { url: link },
    parameters: [...headers, ...queryParameters(interaction)].map(refer),
    ...(hasBody ? { requestBody: requestBody(interaction) } : {}),
    responses: responses(interaction.statuses, answered(interaction), method),
  }
}

const SEARCH_PARAMETERS = [
  '_format',
  '_pretty',
  '_summary',
  '_elements',
  '_count',
  '_sort',
  '_total',
  '_include',
  '_revinclude',
  '_contained',
  '_containedType',
]

function queryParameters({ code }: Interaction): readonly string[] {
  const shaping = ['_format', '_pretty']
  if (code === 'read' || code === 'vread') return [...shaping, '_summary', '_elements']
  if (code.startsWith('history')) return [...shaping, '_summary', '_elements', '_count', '_since', '_at']
  if (code === 'search-type') return SEARCH_PARAMETERS
  if (code === 'search-system' || code === 'search-compartment') return [...SEARCH_PARAMETERS, '_type']
  return shaping
}

function requestBody({ takes }: Interaction): Json {
  switch (takes) {
    case 'bundle':
      return { required: true, content: sentContent(schemaNamed('Bundle')) }
    case 'patch':
      return {
        required: true,
        content: {
          'application/json-patch+json': { schema: schemaNamed('JsonPatch') },
          ...sentContent(schemaNamed('Parameters')),
        },
      }
    case 'parameters':
      return { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } }
    default:
      return { required: true, content: sentContent(schemaNamed('Resource')) }
  }
}

/** The schema of what a success answers with. */
function answered({ answers }: Interaction): string {
  return {
    resource: 'Resource',
    bundle: 'Bundle',
    'capability statement': 'CapabilityStatement',
    nothing: 'OperationOutcome',
  }[answers]
}

/** The search of one type, which `/{type}` stands for too, with the parameters that only this type has. */
function searchPath(type: string, search: Search): Json {
  const parameters = [...search.parameters(type).values()].sort((a, b) => (a.code < b.code ? -1 : 1))
  return {
    get: {
      operationId: `search-${type}`,
      tags: ['search'],
      summary: `Finds resources of type ${type}.`,
      parameters: [...SEARCH_PARAMETERS.map(refer), ...parameters.map(searchParameter)],
      responses: responses([200], 'Bundle', 'GET'),
    },
  }
}

function searchParameter({ code, type, targets, url }: SearchParameterDefinition): Json {
  const kind =
    targets.length > 0
      ? `${type} to ${targets.slice(0, 6).join(', ')}${targets.length > 6 ? ', ...' : ''}`
      : type
  return query(code, { type: 'array', items: { type: 'string' } }, `${kind} (${url})`)
}
