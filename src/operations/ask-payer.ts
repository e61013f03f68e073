// Claim/$request-authorization and CoverageEligibilityRequest/$check-eligibility: ask the payer, each question once.
import { askPayer, type QuestionKind } from '../billing/index.ts'
import { FhirError } from '../fhir/index.ts'
import { callerView } from './caller-view.ts'
import { BY_POST, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refuseOthers } from './parameters.ts'

const OURS = 'https://alcove.health/fhir/OperationDefinition'

const SHARED = {
  levels: { instance: BY_POST },
  takesResource: [],
  affectsState: true,
  answers: 'Resource',
  parameters: [],
} as const

export const REQUEST_AUTHORIZATION: Operation = {
  ...SHARED,
  name: 'request-authorization',
  type: 'Claim',
  definition: `${OURS}/request-authorization`,
  summary:
    'Asks the payer, by X12 278, to authorize the services of a stored Claim for preauthorization, once; answers with the ClaimResponse, which is queued until the payer has decided.',
  run: (call) => ask(call, 'authorization'),
}

export const CHECK_ELIGIBILITY: Operation = {
  ...SHARED,
  name: 'check-eligibility',
  type: 'CoverageEligibilityRequest',
  definition: `${OURS}/check-eligibility`,
  summary:
    'Asks the payer, by X12 270, what a stored CoverageEligibilityRequest asks, once; answers with the CoverageEligibilityResponse, which is queued until the payer has answered.',
  run: (call) => ask(call, 'eligibility'),
}

async function ask(call: OperationCall, kind: QuestionKind): Promise<OperationAnswer> {
  const { repository, billing, type, id, pairs, handling, now } = call
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  refuseOthers(pairs, [], handling)
  await repository.read(type, id)
  const question = { kind, id }
  const { outcome, answer } = await askPayer(repository, callerView(repository), billing, question, now)
  return { kind: 'resource', resource: answer, ...(outcome === 'asked' ? { created: true as const } : {}) }
}
