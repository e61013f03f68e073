// From method and path to the interaction that is meant, or to the error that says why there is none.
import { FhirError, ID_PATTERN, nearestName, type Definitions } from '../fhir/index.ts'
import { OPERATIONS, type Level, type Operation } from '../operations/index.ts'
import { INTERACTIONS, type Interaction, type InteractionName } from './interactions.ts'

export interface Route {
  readonly name: InteractionName
  /** Path pattern: free of ids, so fit for logs and metrics. */
  readonly path: string
  /** '' where the path has none, as for `id` and `vid`. */
  readonly type: string
  readonly id: string
  readonly vid: string
  /** The third segment of a compartment search: a type or `*`. */
  readonly other: string
  readonly operation: Operation | undefined
}

type Row = Interaction & { readonly name: InteractionName }

/** What is known of a path before any request. */
interface PathRows {
  readonly rows: readonly Row[]
  readonly byMethod: ReadonlyMap<string, Row>
  readonly hasType: boolean
  readonly hasId: boolean
  readonly hasVid: boolean
  readonly hasOther: boolean
}

const BY_PATH: ReadonlyMap<string, PathRows> = new Map(
  [...Map.groupBy<string, Row>(INTERACTIONS, ({ path }) => path)].map(([path, rows]): [string, PathRows] => [
    path,
    {
      rows,
      byMethod: new Map(rows.flatMap((row) => row.methods.map((method): [string, Row] => [method, row]))),
      hasType: path.startsWith('/:type'),
      hasId: path.startsWith('/:type/:id'),
      hasVid: path.endsWith('/:vid'),
      hasOther: path.includes('/:other'),
    },
  ]),
)

/** @throws FhirError `unknown-type`, `not-found`, `method-not-allowed`, `not-implemented` */
export function findRoute(method: string, segments: readonly string[], definitions: Definitions): Route {
  const path = pathPattern(segments)
  const known = path === undefined ? undefined : BY_PATH.get(path)
  if (path === undefined || known === undefined) throw noSuchPath(segments)

  const type = known.hasType ? (segments[0] as string) : ''
  if (type !== '' && !definitions.isResourceType(type)) throw unknownType(type, definitions)

  const row = known.byMethod.get(method)
  if (row === undefined) throw notAllowed(method, segments)
  const other = known.hasOther ? (segments[2] as string) : ''
  if (other !== '') requireOther(other, definitions)
  const operation =
    row.code === 'operation' ? requireOperation(type, row.level, segments.at(-1) as string) : undefined
  if (operation !== undefined && !methodsOf(operation, row.level).includes(method))
    throw notAllowed(method, segments)
  if (!row.offered)
    throw new FhirError('not-implemented', `The interaction ${row.code} is not offered by this server yet.`)
  const id = known.hasId ? (segments[1] as string) : ''
  if (id !== '' && !ID_PATTERN.test(id)) throw noSuchId(method)
  return {
    name: row.name,
    path,
    type,
    id,
    vid: known.hasVid ? (segments[3] as string) : '',
    other,
    operation,
  }
}

/** For the Allow header; empty when the path itself is unknown. */
export function allowedMethods(segments: readonly string[]): readonly string[] {
  const path = pathPattern(segments)
  const rows = (path === undefined ? undefined : BY_PATH.get(path)?.rows) ?? []
  const [row] = rows
  if (row?.code === 'operation') {
    const found = findOperation(
      row.level === 'system' ? '' : (segments[0] as string),
      row.level,
      segments.at(-1),
    )
    if (found !== undefined) return methodsOf(found, row.level)
  }
  return [...new Set(rows.filter(({ offered }) => offered).flatMap(({ methods }) => methods))]
}

function notAllowed(method: string, segments: readonly string[]): FhirError {
  return new FhirError(
    'method-not-allowed',
    `${method} is not offered here; what is: ${allowedMethods(segments).join(', ')}.`,
  )
}

/** `/:type/:id` for `Patient/1`; undefined when no interaction has such a path. */
export function pathPattern(segments: readonly string[]): string | undefined {
  const [first, second, third] = segments
  switch (segments.length) {
    case 0:
      return '/'
    case 1:
      if (isOperation(first)) return '/:operation'
      if (first === 'metadata' || first === '_history' || first === '_search') return `/${first}`
      return isParameter(first) ? '/:type' : undefined
    case 2:
      if (!isParameter(first)) return undefined
      if (second === '_history' || second === '_search') return `/:type/${second}`
      if (isOperation(second)) return '/:type/:operation'
      return isParameter(second) ? '/:type/:id' : undefined
    case 3:
      if (!isParameter(first) || !isParameter(second)) return undefined
      if (third === '_history') return '/:type/:id/_history'
      if (isOperation(third)) return '/:type/:id/:operation'
      return isParameter(third) ? '/:type/:id/:other' : undefined
    case 4:
      if (!isParameter(first) || !isParameter(second)) return undefined
      if (third === '_history') return '/:type/:id/_history/:vid'
      return isParameter(third) && segments[3] === '_search' ? '/:type/:id/:other/_search' : undefined
    default:
      return undefined
  }
}

function isParameter(segment: string | undefined): boolean {
  return segment !== undefined && segment !== '' && segment[0] !== '$' && segment[0] !== '_'
}

function isOperation(segment: string | undefined): boolean {
  return segment !== undefined && segment.length > 1 && segment[0] === '$'
}

function findOperation(type: string, level: Level, segment: string | undefined): Operation | undefined {
  return OPERATIONS.find(
    (one) =>
      `$${one.name}` === segment &&
      one.levels[level] !== undefined &&
      (level === 'system' || one.type === type || one.type === '*'),
  )
}

function methodsOf({ levels }: Operation, level: Level): readonly string[] {
  return levels[level] ?? []
}

function requireOperation(type: string, level: Level, segment: string): Operation {
  const found = findOperation(type, level, segment)
  if (found !== undefined) return found
  const where = OPERATIONS.filter(({ name }) => `$${name}` === segment).flatMap(placesOf)
  throw new FhirError(
    'not-implemented',
    `The operation ${quoted(segment)} is not offered here.${where.length === 0 ? '' : ` It is at ${where.join(', ')}.`}`,
  )
}

/** `Patient/[id]/$everything` */
function placesOf({ name, type, levels }: Operation): readonly string[] {
  const any = type === '*' ? '[type]' : type
  const places: Readonly<Record<Level, string>> = {
    system: `$${name}`,
    type: `${any}/$${name}`,
    instance: `${any}/[id]/$${name}`,
  }
  return (Object.keys(levels) as Level[]).map((level) => places[level])
}

function requireOther(type: string, definitions: Definitions): void {
  if (type !== '*' && !definitions.isResourceType(type)) throw unknownType(type, definitions)
}

function unknownType(type: string, definitions: Definitions): FhirError {
  const near = nearestName(type, definitions.resourceTypes)
  return new FhirError(
    'unknown-type',
    `R4 has no resource type ${quoted(type)}${near === undefined ? '' : `; did you mean ${near}?`}.`.replace(
      '?.',
      '?',
    ),
  )
}

function noSuchPath(segments: readonly string[]): FhirError {
  const operation = segments.at(-1)
  if (operation?.startsWith('$'))
    return new FhirError(
      'not-implemented',
      `The operation ${quoted(operation)} is not offered by this server.`,
    )
  return new FhirError('not-found', 'No interaction of FHIR has a URL of this form.')
}

function noSuchId(method: string): FhirError {
  const rule = 'an id is 1 to 64 of the characters A-Z, a-z, 0-9, - and .'
  return method === 'GET' || method === 'HEAD'
    ? new FhirError('not-found', `There is no resource with such an id; ${rule}.`)
    : new FhirError('malformed', `The id in the URL is not one: ${rule}.`)
}

/** The client's own word, as far as it is short and plain. */
function quoted(word: string): string {
  return /^[$\w-]{1,64}$/.test(word) ? word : 'of that name'
}
