// Each operation in the API description, at every level at which it is offered.
import { OPERATIONS, type Level, type Operation, type OperationMethod } from '../operations/index.ts'
import { query, refer, responses, schemaNamed, sentContent } from './contents.ts'

type Json = Record<string, unknown>

/** Paths with what each method does there. */
export function operationPaths(): Record<string, Json> {
  const paths: Record<string, Json> = {}
  for (const operation of OPERATIONS)
    for (const [level, methods] of Object.entries(operation.levels) as [Level, readonly OperationMethod[]][])
      paths[pathOf(operation, level)] = {
        parameters: pathParameters(operation, level).map(refer),
        ...Object.fromEntries(
          methods.map((method) => [method.toLowerCase(), describe(operation, level, method)]),
        ),
      }
  return paths
}

function pathOf({ name, type }: Operation, level: Level): string {
  const where = type === '*' ? '/{type}' : `/${type}`
  const prefix = { system: '', type: where, instance: `${where}/{id}` }[level]
  return `${prefix}/$${name}`
}

function pathParameters({ type }: Operation, level: Level): readonly string[] {
  if (level === 'system') return []
  return [...(type === '*' ? ['type'] : []), ...(level === 'instance' ? ['id'] : [])]
}

function describe(operation: Operation, level: Level, method: OperationMethod): Json {
  const { name, type, summary, definition, answers, alsoIn } = operation
  const words = [...(type === '*' || type === '' ? [] : [type]), name, level, method.toLowerCase()]
  return {
    operationId: words.join('-'),
    tags: [level],
    summary,
    externalDocs: { url: definition },
    parameters: [
      refer('Prefer'),
      formatParameter(alsoIn),
      ...['_pretty', '_summary', '_elements'].map(refer),
      ...operation.parameters.map((own) => query(own.name, { type: 'string' }, own.documentation)),
    ],
    ...(method === 'POST' ? { requestBody: requestBody(operation, level) } : {}),
    responses: responses(level === 'instance' ? [200, 404, 410] : [200], answers, method, alsoIn),
  }
}

function formatParameter(alsoIn: readonly string[] | undefined): Json {
  if (alsoIn === undefined) return refer('_format')
  const words = `The format of the answer: json, xml or ${alsoIn.join(' or ')}.`
  return query('_format', { type: 'string' }, words)
}

function requestBody({ takesResource, structured, takesX12 }: Operation, level: Level): Json {
  if (takesResource.includes(level)) return { required: true, content: sentContent(schemaNamed('Resource')) }
  const isBare = structured?.bare !== undefined && level === 'type'
  const file = takesX12 === true ? { 'application/edi-x12': { schema: { type: 'string' } } } : {}
  return { content: { ...sentContent(schemaNamed(isBare ? 'Resource' : 'Parameters')), ...file } }
}
