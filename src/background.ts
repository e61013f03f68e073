// What the server says of the work that no request waits for: in its log, in /readyz and in its metrics.
import type { Logger } from 'pino'
import type { Resumed } from './billing/index.ts'
import type { Gauge, Health, JobKind } from './http/index.ts'
import type {
  CustomParameterEvent,
  CustomParameters,
  LabelRulesInForce,
  RelabelEvent,
  Relabelling,
} from './repository/index.ts'

/** Work that no request waits for; `/readyz` and `/metrics` name it so. */
export const JOBS = {
  writer: { what: 'the thread that writes', vital: true },
  reader: { what: 'a thread that searches' },
  writes: { what: 'writing to the disk' },
  'full text': { what: 'taking words into the full-text index' },
  log: { what: 'moving the log into the database' },
  'search parameters': { what: 'indexing by search parameters' },
  'label rules': { what: 'taking up the rules by which records are labelled' },
  labels: { what: 'bringing the labels of what is stored up to date' },
  billing: { what: 'reading what payers answer, and keeping the worklist of billing' },
  files: { what: 'sending the files of claims whose sending was left in the middle' },
  disk: { what: 'looking after the room on the disk' },
} as const satisfies Record<string, JobKind>

export type JobName = keyof typeof JOBS

export function tellOfParameter(logger: Logger, health: Health<JobName>, event: CustomParameterEvent): void {
  switch (event.kind) {
    case 'indexing':
      return logger.info(event, 'stored resources are being indexed by new search parameters')
    case 'live':
      health.worked('search parameters')
      return logger.info(event, 'search parameters are live: every resource is indexed by them')
    case 'failed':
      return logger.error(event, 'a stored search parameter cannot be used')
    case 'interrupted':
      return health.failed('search parameters', event.error)
  }
}

export function tellOfLabels(logger: Logger, health: Health<JobName>, event: RelabelEvent): void {
  switch (event.kind) {
    case 'begun':
      return logger.info(event, 'what is stored is gone through by the rules for labels')
    case 'finished':
      health.worked('labels')
      return logger.info(event, 'all that is stored is labelled by the rules')
    case 'set-aside':
      // Whoever gave it its id may have put a name into it.
      return logger.error(
        { kind: event.kind, type: event.resource.split('/', 1)[0] },
        'a resource cannot be labelled anew, and is passed over until the next time; $relabel names it',
      )
    case 'interrupted':
      return health.failed('labels', event.error)
  }
}

/** What became of the files to payers whose sending was left in the middle. */
export async function tellOfFiles(
  logger: Logger,
  health: Health<JobName>,
  resumed: Promise<Resumed>,
): Promise<void> {
  try {
    const { sent, left } = await resumed
    if (sent.length > 0)
      logger.info({ files: sent }, 'files to payers were sent that had been left in between')
    for (const { number, error } of left)
      logger.error(
        { file: number, code: error.code },
        'a file to a payer still waits to be sent; its Tasks say why',
      )
    const [first] = left
    if (first === undefined) health.worked('files')
    else
      health.failed(
        'files',
        Object.assign(new Error(`${left.length} files wait to be sent.`), { code: first.error.code }),
      )
  } catch (error) {
    health.failed('files', error)
  }
}

export function parameterGauges({ status: { indexing, failed } }: CustomParameters): readonly Gauge[] {
  return [
    {
      name: 'alcove_search_parameters_indexing',
      help: 'Search parameters that wait until every stored resource is indexed by them.',
      value: indexing?.urls.length ?? 0,
    },
    {
      name: 'alcove_search_parameters_failed',
      help: 'Active SearchParameters that cannot be used; the log says why.',
      value: failed.length,
    },
    {
      name: 'alcove_search_parameters_indexed_resources',
      help: 'Stored resources that are indexed by them so far.',
      value: indexing?.done ?? 0,
    },
    {
      name: 'alcove_search_parameters_total_resources',
      help: 'Stored resources that are to be indexed by them.',
      value: indexing?.total ?? 0,
    },
  ]
}

export function parameterNotes({ status: { indexing, failed } }: CustomParameters): readonly string[] {
  return [
    ...(indexing?.urls ?? []).map(
      (url) => `search parameter ${url}: indexed ${indexing?.done} of ${indexing?.total}`,
    ),
    ...failed.map(({ url }) => `search parameter ${url}: failed, see the log`),
  ]
}

export function labelGauges({ faults }: LabelRulesInForce, { status }: Relabelling): readonly Gauge[] {
  return [
    {
      name: 'alcove_label_rule_faults',
      help: 'What is wrong with the rules by which records are labelled; /readyz names the rules.',
      value: faults.length,
    },
    {
      name: 'alcove_relabel_done',
      help: 'Stored resources whose labels have been brought up to the rules so far.',
      value: status.done,
    },
    {
      name: 'alcove_relabel_total',
      help: 'Stored resources that there are to be gone through.',
      value: status.total,
    },
    {
      name: 'alcove_relabel_pending',
      help: 'Resources of which all that depends on them waits to be labelled anew.',
      value: status.pending,
    },
  ]
}

export function labelNotes({ faults }: LabelRulesInForce, { status }: Relabelling): readonly string[] {
  const { state, done, total, pending, setAside } = status
  return [
    ...faults.map(({ resource, path, message }) => `label rules, ${resource}, ${path}: ${message}`),
    ...(state === 'running' || state === 'interrupted'
      ? [
          `labels (${state}): ${done} of ${total} resources are brought up to the rules; ${pending} wait for what depends on them`,
        ]
      : []),
    // Anybody may ask whether the server is ready: it is for $relabel to name them.
    ...(setAside.length === 0
      ? []
      : [`labels: ${setAside.length} resources cannot be labelled anew; $relabel names them`]),
  ]
}
