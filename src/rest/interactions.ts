// The one table of interactions (https://hl7.org/fhir/R4/http.html): routing, the CapabilityStatement, metrics and
// the API description are all made from it.

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The codes of http://hl7.org/fhir/restful-interaction, with `operation`. */
export type InteractionCode =
  | 'capabilities'
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'create'
  | 'search-type'
  | 'search-system'
  | 'search-compartment'
  | 'transaction'
  | 'operation'

export interface Interaction {
  /** Unique in the table; also the label in metrics. */
  readonly name: string
  readonly code: InteractionCode
  readonly level: 'instance' | 'type' | 'system'
  /** Below the FHIR base; what operations there are, and by which methods, they say themselves. `:type`, `:id`, `:vid`, `:other` and `:operation` (which begins with `$`) stand for one segment each. */
  readonly path: string
  readonly methods: readonly Method[]
  /** What the request carries. */
  readonly takes: 'nothing' | 'resource' | 'patch' | 'parameters' | 'bundle' | 'operation parameters'
  /** What a success answers with, unless `Prefer` asks for less. */
  readonly answers: 'resource' | 'bundle' | 'capability statement' | 'nothing'
  /** Statuses of success, and of the failures that are this interaction's own. */
  readonly statuses: readonly number[]
  /** Request headers that change what it does. */
  readonly headers: readonly (
    | 'If-Match'
    | 'If-None-Match'
    | 'If-Modified-Since'
    | 'If-None-Exist'
    | 'Prefer'
  )[]
  /** Whether the server offers it; an interaction of R4's that it does not offer is answered with 501. */
  readonly offered: boolean
  readonly summary: string
  readonly link: string
}

const HTTP = 'https://hl7.org/fhir/R4/http.html'

export const INTERACTIONS = [
  {
    name: 'capabilities',
    code: 'capabilities',
    level: 'system',
    path: '/metadata',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'capability statement',
    statuses: [200, 304],
    headers: ['If-None-Match'],
    offered: true,
    summary: 'What this server can do, as a CapabilityStatement.',
    link: `${HTTP}#capabilities`,
  },
  {
    name: 'batch',
    code: 'transaction',
    level: 'system',
    path: '/',
    methods: ['POST'],
    takes: 'bundle',
    answers: 'bundle',
    statuses: [200, 400, 409, 412, 422],
    headers: ['Prefer'],
    offered: true,
    summary: 'Performs the requests of a Bundle: a batch each on its own, a transaction all or none.',
    link: `${HTTP}#transaction`,
  },
  {
    name: 'search-system',
    code: 'search-system',
    level: 'system',
    path: '/',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'bundle',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Finds resources of all types, or of those that _type names.',
    link: `${HTTP}#search`,
  },
  {
    name: 'history-system',
    code: 'history-system',
    level: 'system',
    path: '/_history',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'bundle',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Every version of every resource, newest first.',
    link: `${HTTP}#history`,
  },
  {
    name: 'search-system-post',
    code: 'search-system',
    level: 'system',
    path: '/_search',
    methods: ['POST'],
    takes: 'parameters',
    answers: 'bundle',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Finds resources of all types, or of those that _type names, with the parameters in the body.',
    link: `${HTTP}#search`,
  },
  {
    name: 'search-type',
    code: 'search-type',
    level: 'type',
    path: '/:type',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'bundle',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Finds resources of one type.',
    link: `${HTTP}#search`,
  },
  {
    name: 'create',
    code: 'create',
    level: 'type',
    path: '/:type',
    methods: ['POST'],
    takes: 'resource',
    answers: 'resource',
    statuses: [201, 200, 412, 422],
    headers: ['If-None-Exist', 'Prefer'],
    offered: true,
    summary:
      'Creates a resource under an id that the server chooses; with If-None-Exist only when nothing matches.',
    link: `${HTTP}#create`,
  },
  {
    name: 'conditional-update',
    code: 'update',
    level: 'type',
    path: '/:type',
    methods: ['PUT'],
    takes: 'resource',
    answers: 'resource',
    statuses: [200, 201, 412, 422],
    headers: ['If-Match', 'If-None-Match', 'Prefer'],
    offered: true,
    summary: 'Updates the one resource that matches the query, or creates it.',
    link: `${HTTP}#cond-update`,
  },
  {
    name: 'conditional-patch',
    code: 'patch',
    level: 'type',
    path: '/:type',
    methods: ['PATCH'],
    takes: 'patch',
    answers: 'resource',
    statuses: [200, 404, 412, 422],
    headers: ['If-Match', 'Prefer'],
    offered: true,
    summary: 'Patches the one resource that matches the query.',
    link: `${HTTP}#patch`,
  },
  {
    name: 'conditional-delete',
    code: 'delete',
    level: 'type',
    path: '/:type',
    methods: ['DELETE'],
    takes: 'nothing',
    answers: 'nothing',
    statuses: [204, 412],
    headers: ['If-Match', 'Prefer'],
    offered: true,
    summary: 'Deletes the one resource that matches the query.',
    link: `${HTTP}#3.1.0.7.1`,
  },
  {
    name: 'search-type-post',
    code: 'search-type',
    level: 'type',
    path: '/:type/_search',
    methods: ['POST'],
    takes: 'parameters',
    answers: 'bundle',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Finds resources of one type, with the parameters in the body.',
    link: `${HTTP}#search`,
  },
  {
    name: 'history-type',
    code: 'history-type',
    level: 'type',
    path: '/:type/_history',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'bundle',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Every version of every resource of one type, newest first.',
    link: `${HTTP}#history`,
  },
  {
    name: 'read',
    code: 'read',
    level: 'instance',
    path: '/:type/:id',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'resource',
    statuses: [200, 304, 404, 410],
    headers: ['If-None-Match', 'If-Modified-Since'],
    offered: true,
    summary: 'The current version of a resource.',
    link: `${HTTP}#read`,
  },
  {
    name: 'update',
    code: 'update',
    level: 'instance',
    path: '/:type/:id',
    methods: ['PUT'],
    takes: 'resource',
    answers: 'resource',
    statuses: [200, 201, 412, 422],
    headers: ['If-Match', 'If-None-Match', 'Prefer'],
    offered: true,
    summary: 'Puts a new version in place of the current one, or creates the resource under this id.',
    link: `${HTTP}#update`,
  },
  {
    name: 'patch',
    code: 'patch',
    level: 'instance',
    path: '/:type/:id',
    methods: ['PATCH'],
    takes: 'patch',
    answers: 'resource',
    statuses: [200, 404, 410, 412, 422],
    headers: ['If-Match', 'Prefer'],
    offered: true,
    summary: 'Changes a resource by a JSON Patch, or by a FHIRPath Patch in a Parameters resource.',
    link: `${HTTP}#patch`,
  },
  {
    name: 'delete',
    code: 'delete',
    level: 'instance',
    path: '/:type/:id',
    methods: ['DELETE'],
    takes: 'nothing',
    answers: 'nothing',
    statuses: [204, 412],
    headers: ['If-Match', 'Prefer'],
    offered: true,
    summary: 'Deletes a resource; its history stays.',
    link: `${HTTP}#delete`,
  },
  {
    name: 'history-instance',
    code: 'history-instance',
    level: 'instance',
    path: '/:type/:id/_history',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'bundle',
    statuses: [200, 404],
    headers: ['Prefer'],
    offered: true,
    summary: 'Every version of a resource, newest first.',
    link: `${HTTP}#history`,
  },
  {
    name: 'vread',
    code: 'vread',
    level: 'instance',
    path: '/:type/:id/_history/:vid',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'resource',
    statuses: [200, 304, 404, 410],
    headers: ['If-None-Match', 'If-Modified-Since'],
    offered: true,
    summary: 'One version of a resource.',
    link: `${HTTP}#vread`,
  },
  {
    name: 'search-compartment',
    code: 'search-compartment',
    level: 'instance',
    path: '/:type/:id/:other',
    methods: ['GET', 'HEAD'],
    takes: 'nothing',
    answers: 'bundle',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Finds resources of one type, or of every one (*), within the compartment of a resource.',
    link: `${HTTP}#vsearch`,
  },
  {
    name: 'search-compartment-post',
    code: 'search-compartment',
    level: 'instance',
    path: '/:type/:id/:other/_search',
    methods: ['POST'],
    takes: 'parameters',
    answers: 'bundle',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Finds resources within the compartment of a resource, with the parameters in the body.',
    link: `${HTTP}#vsearch`,
  },
  {
    name: 'operation-system',
    code: 'operation',
    level: 'system',
    path: '/:operation',
    methods: ['GET', 'HEAD', 'POST'],
    takes: 'operation parameters',
    answers: 'resource',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Performs an operation on the whole server, such as $relabel.',
    link: 'https://hl7.org/fhir/R4/operations.html',
  },
  {
    name: 'operation-type',
    code: 'operation',
    level: 'type',
    path: '/:type/:operation',
    methods: ['GET', 'HEAD', 'POST'],
    takes: 'operation parameters',
    answers: 'resource',
    statuses: [200],
    headers: ['Prefer'],
    offered: true,
    summary: 'Performs an operation on a type, such as $everything of all Patients.',
    link: 'https://hl7.org/fhir/R4/operations.html',
  },
  {
    name: 'operation-instance',
    code: 'operation',
    level: 'instance',
    path: '/:type/:id/:operation',
    methods: ['GET', 'HEAD', 'POST'],
    takes: 'operation parameters',
    answers: 'resource',
    statuses: [200, 404, 410],
    headers: ['Prefer'],
    offered: true,
    summary: 'Performs an operation on a resource, such as $everything of one Patient.',
    link: 'https://hl7.org/fhir/R4/operations.html',
  },
] as const satisfies readonly Interaction[]

export type InteractionName = (typeof INTERACTIONS)[number]['name']
