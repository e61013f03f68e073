// The shapes named in the API description. Resources stay open here: what R4 demands of each type is in its
// StructureDefinition, which the server enforces and `/metadata` names.

const array = (items: object) => ({ type: 'array', items })
const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
  additionalProperties: true,
})
const text = { type: 'string' }
const named = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const resourceOf = (type: string, properties: object, required: readonly string[] = []) =>
  object({ resourceType: { const: type }, id: named('Id'), meta: named('Meta'), ...properties }, [
    'resourceType',
    ...required,
  ])

export const SCHEMAS = {
  Id: { type: 'string', pattern: '^[A-Za-z0-9\\-.]{1,64}$' },
  Meta: object({
    versionId: text,
    lastUpdated: { type: 'string', format: 'date-time' },
    source: text,
    profile: array(text),
    security: array(named('Coding')),
    tag: array(named('Coding')),
  }),
  Coding: object({ system: text, version: text, code: text, display: text }),
  Resource: object({ resourceType: named('ResourceType'), id: named('Id'), meta: named('Meta') }, [
    'resourceType',
  ]),
  Parameters: resourceOf('Parameters', { parameter: array(object({ name: text }, ['name'])) }),
  CapabilityStatement: resourceOf('CapabilityStatement', {
    fhirVersion: text,
    rest: array(object({ mode: text })),
  }),
  OperationOutcome: resourceOf(
    'OperationOutcome',
    {
      issue: array(
        object(
          {
            severity: { type: 'string', enum: ['fatal', 'error', 'warning', 'information'] },
            code: text,
            diagnostics: text,
            expression: array(text),
          },
          ['severity', 'code'],
        ),
      ),
    },
    ['issue'],
  ),
  Bundle: resourceOf(
    'Bundle',
    {
      type: {
        type: 'string',
        enum: ['batch', 'transaction', 'batch-response', 'transaction-response', 'searchset', 'history'],
      },
      total: { type: 'integer', minimum: 0 },
      link: array(object({ relation: text, url: text }, ['relation', 'url'])),
      entry: array(
        object({
          fullUrl: text,
          resource: named('Resource'),
          search: object({ mode: { type: 'string', enum: ['match', 'include', 'outcome'] } }),
          request: object(
            {
              method: { type: 'string', enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] },
              url: text,
              ifMatch: text,
              ifNoneMatch: text,
              ifModifiedSince: text,
              ifNoneExist: text,
            },
            ['method', 'url'],
          ),
          response: object(
            {
              status: text,
              location: text,
              etag: text,
              lastModified: text,
              outcome: named('OperationOutcome'),
            },
            ['status'],
          ),
        }),
      ),
    },
    ['type'],
  ),
  JsonPatch: array(
    object(
      {
        op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
        path: text,
        from: text,
        value: {},
      },
      ['op', 'path'],
    ),
  ),
} as const
