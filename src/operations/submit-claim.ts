// Claim/$submit: sends claims to who pays them, each once.
import { submitClaims, type ClaimSubmission } from '../billing/index.ts'
import {
  ERRORS,
  FhirError,
  isJsonObject,
  operationOutcome,
  parseReference,
  type ErrorCode,
  type Issue,
  type JsonObject,
  type Resource,
} from '../fhir/index.ts'
import { callerView } from './caller-view.ts'
import { BY_POST, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refused, refuseOthers } from './parameters.ts'

const TYPE = 'Claim'
/** Each is checked: that takes time. */
const MOST_CLAIMS = 1000

export const SUBMIT_CLAIM: Operation = {
  name: 'submit',
  type: TYPE,
  levels: { type: BY_POST, instance: BY_POST },
  takesResource: [],
  affectsState: true,
  answers: 'Bundle',
  definition: 'https://alcove.health/fhir/OperationDefinition/submit',
  summary:
    'Sends stored claims to who pays them, as X12 837 files, each claim once; answers with the Task of each, which tells how far it comes.',
  parameters: [
    {
      name: 'claim',
      documentation:
        'At type level: a claim to send, by reference or id; once for each, up to 1,000. At the URL of a claim it is that one.',
    },
  ],
  run: submit,
}

async function submit(call: OperationCall): Promise<OperationAnswer> {
  const { repository, billing, id, now } = call
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  const claimIds = readClaimIds(call, billing.baseUrl)
  if (id !== '') await repository.read(TYPE, id)
  const results = await submitClaims(repository, callerView(repository), billing, claimIds, now)
  throwIfNone(results)
  const entry = results.map((result) => entryOf(result, billing.baseUrl))
  return { kind: 'resource', resource: { resourceType: 'Bundle', type: 'batch-response', entry } }
}

function readClaimIds({ id, pairs, handling }: OperationCall, baseUrl: string): readonly string[] {
  const own = refuseOthers(pairs, id === '' ? ['claim'] : [], handling)
  if (id !== '') return [id]
  if (own.length === 0) throw refused('claim', 'it must name the claims that are to be sent.')
  const ids = [...new Set(own.map(([, value]) => readClaimId(value, baseUrl)))]
  if (ids.length > MOST_CLAIMS)
    throw new FhirError('too-costly', `No more than ${MOST_CLAIMS} claims are sent at a time.`)
  return ids
}

function readClaimId(text: string, baseUrl: string): string {
  const reference = parseReference(text.includes('/') ? text : `${TYPE}/${text}`, baseUrl)
  if (reference.kind === 'local' && reference.type === TYPE && reference.versionId === undefined)
    return reference.id
  throw refused('claim', 'it must be the id of a Claim, or a reference to one such as Claim/1.')
}

/** Who sends one claim, or none that can be sent, is told by the status of the answer. */
function throwIfNone(results: readonly ClaimSubmission[]): void {
  const failed = results.filter(({ code }) => code !== undefined)
  if (failed.length < results.length) return
  const waiting = failed.find(({ outcome }) => outcome === 'not-sent') ?? failed[0]
  const issues = failed.flatMap((result) => (results.length === 1 ? result.issues : issuesOf(result)))
  throw new FhirError(waiting?.code as ErrorCode, issues)
}

/** Each names its claim. */
function issuesOf({ claimId, issues }: ClaimSubmission): readonly Issue[] {
  const name = `${TYPE}/${claimId}`
  return issues.map((issue) =>
    issue.diagnostics.includes(name) ? issue : { ...issue, diagnostics: `${name}: ${issue.diagnostics}` },
  )
}

function entryOf(result: ClaimSubmission, baseUrl: string): JsonObject {
  const { task, code, outcome } = result
  const issues = issuesOf(result)
  return {
    ...(task === undefined ? {} : { fullUrl: `${baseUrl}/Task/${String(task['id'])}`, resource: task }),
    response: {
      status: code === undefined ? (outcome === 'sent' ? '201' : '200') : String(ERRORS[code].status),
      ...(task === undefined ? {} : { location: `${baseUrl}/${versionOf(task)}` }),
      ...(issues.length === 0 ? {} : { outcome: operationOutcome(issues) }),
    },
  }
}

function versionOf({ id, meta }: Resource): string {
  return `Task/${String(id)}/_history/${String(isJsonObject(meta) ? meta['versionId'] : 1)}`
}
