// capabilities (https://hl7.org/fhir/R4/http.html#capabilities): the CapabilityStatement, made from the table of
// interactions, the type definitions and the search parameters, so that it claims what works and nothing else.
import { createHash } from 'node:crypto'
import { FhirError, formatInstant, writeJson, type Definitions, type Resource } from '../fhir/index.ts'
import { OPERATIONS, type Operation } from '../operations/index.ts'
import { GENERAL_PARAMETERS, type Search } from '../search/index.ts'
import { COMPARTMENTS } from './compartment.ts'
import type { Exchange } from './context.ts'
import { INTERACTIONS, type InteractionCode } from './interactions.ts'
import { readPairs } from './query-string.ts'
import type { RestResponse } from './response.ts'
import { refuseUnknownParameters } from './result-parameters.ts'
import { readView, viewBytes, WHOLE } from './view.ts'

export interface Software {
  readonly name: string
  readonly version: string
}

export interface CapabilityParts {
  readonly baseUrl: string
  readonly definitions: Definitions
  readonly search: Search
  readonly software: Software
  /** Since when it has been so, milliseconds since 1970. */
  readonly date: number
  /** Whether a reference to a resource of this server must find it. */
  readonly enforcesReferences: boolean
}

const PARAMETERS = new Set(['mode'])

export async function capabilities({ request, context }: Exchange): Promise<RestResponse> {
  const pairs = readPairs(request.query)
  refuseUnknownParameters(pairs, request.headers.prefer, PARAMETERS)
  const mode = pairs.find(([name]) => name === 'mode')?.[1] ?? 'full'
  if (mode !== 'full' && mode !== 'normative')
    throw new FhirError('not-implemented', 'Of the modes of /metadata only full and normative are offered.')
  const view = pairs.length === 0 ? WHOLE : readView(pairs, 'CapabilityStatement', context.definitions)
  const whole = context.capabilityStatement()
  const etag = `W/"${createHash('sha256').update(whole).digest('base64url').slice(0, 16)}"`
  if (request.headers.ifNoneMatch?.includes(etag.slice(2))) return { status: 304, etag, body: undefined }
  return { status: 200, etag, body: viewBytes(whole, view, context.definitions), bodyKind: 'resource' }
}

/** Changes while the server runs only as search parameters come and go. */
export function capabilityStatement(parts: CapabilityParts): Resource {
  const { baseUrl, software, date } = parts
  const referrers = referrersOf(parts)
  return {
    resourceType: 'CapabilityStatement',
    url: `${baseUrl}/metadata`,
    version: software.version,
    name: 'Alcove',
    title: 'Alcove FHIR server',
    status: 'active',
    date: formatInstant(date),
    kind: 'instance',
    software: { name: software.name, version: software.version },
    implementation: { description: 'Alcove: a clinical data server for behavioral health', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json', 'application/fhir+xml', 'xml'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'],
    rest: [
      {
        mode: 'server',
        resource: parts.definitions.resourceTypes.map((type) =>
          resourceOf(type, parts, referrers.get(type) ?? []),
        ),
        interaction: [
          { code: 'transaction' },
          { code: 'batch' },
          ...codesOf('system').map((code) => ({ code })),
        ],
        searchParam: GENERAL_PARAMETERS.map((name) => ({ name, type: 'special' })),
        operation: claimsOf(OPERATIONS.filter(({ levels }) => levels.system !== undefined)),
        compartment: COMPARTMENTS.map(
          (code) => `http://hl7.org/fhir/CompartmentDefinition/${code.toLowerCase()}`,
        ),
      },
    ],
  }
}

export function capabilityBytes(parts: CapabilityParts): Buffer {
  return Buffer.from(writeJson(capabilityStatement(parts)))
}

/** `Type:parameter` of every reference parameter, by the types that it may refer to. */
function referrersOf({ definitions, search }: CapabilityParts): ReadonlyMap<string, readonly string[]> {
  const referrers = new Map<string, string[]>()
  for (const type of definitions.resourceTypes)
    for (const { code, type: kind, targets } of search.parameters(type).values())
      if (kind === 'reference')
        for (const target of targets) {
          const known = referrers.get(target)
          if (known === undefined) referrers.set(target, [`${type}:${code}`])
          else known.push(`${type}:${code}`)
        }
  return referrers
}

function resourceOf(
  type: string,
  { search, enforcesReferences }: CapabilityParts,
  referrers: readonly string[],
) {
  const parameters = [...search.parameters(type).values()]
  const operations = claimsOf(OPERATIONS.filter((one) => one.type === type || one.type === '*'))
  const references = parameters.filter((parameter) => parameter.type === 'reference')
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: [...codesOf('instance'), ...codesOf('type')]
      .filter((code, index, codes) => codes.indexOf(code) === index)
      .map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: 'single',
    referencePolicy: ['literal', 'logical', ...(enforcesReferences ? ['enforced'] : [])],
    ...(references.length === 0
      ? {}
      : { searchInclude: ['*', ...references.map(({ code }) => `${type}:${code}`).sort()] }),
    ...(referrers.length === 0 ? {} : { searchRevInclude: [...referrers].sort() }),
    searchParam: parameters
      .map(({ code, url, type: kind }) => ({ name: code, definition: url, type: kind }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(operations.length === 0 ? {} : { operation: operations }),
  }
}

function claimsOf(operations: readonly Operation[]): Pick<Operation, 'name' | 'definition'>[] {
  return operations.map(({ name, definition }) => ({ name, definition }))
}

/** Told of elsewhere in the statement, or under another name. */
const UNNAMED: ReadonlySet<InteractionCode> = new Set([
  'transaction',
  'capabilities',
  'operation',
  'search-compartment',
])

function codesOf(level: 'instance' | 'type' | 'system'): readonly InteractionCode[] {
  const codes = INTERACTIONS.filter(
    (row) => row.offered && row.level === level && !UNNAMED.has(row.code),
  ).map(({ code }) => code)
  return [...new Set<InteractionCode>(codes)]
}
