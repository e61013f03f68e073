// How $generate-claim answers: with the claim, stored and perhaps sent, or with all that stands against it.
import { submitClaims, type BillingParts, type CreatedOnce } from '../billing/index.ts'
import { FhirError, type Issue, operationOutcome, parseJson, type Resource } from '../fhir/index.ts'
import { parameters } from './answer-parameters.ts'
import { callerView } from './caller-view.ts'
import type { GenerateParameters } from './generate-claim-parameters.ts'
import type { OperationAnswer, OperationCall } from './operation.ts'

/** @param claim that is not stored, or was before */
export function claimAnswer(
  claim: Resource,
  warnings: readonly Issue[],
  { issues }: Pick<GenerateParameters, 'issues'>,
): OperationAnswer {
  return { kind: 'resource', resource: issues ? withIssues(claim, warnings) : claim }
}

/** A claim as it would be stored, but for what storing gives it. */
export function unsaved(claim: Resource): Resource {
  const { id: _id, ...rest } = claim
  return rest as Resource
}

/**
 * The stored claim, sent first where that is asked for. 201 where it is new.
 * @throws FhirError of the submission, which says that the claim is there
 */
export async function storedAnswer(
  call: OperationCall & { readonly billing: BillingParts },
  { created, resources: [stored] }: CreatedOnce,
  warnings: readonly Issue[],
  asked: GenerateParameters,
): Promise<OperationAnswer> {
  const sent = asked.submit ? await submitted(call, stored) : []
  const claim = asked.submit ? await current(call, stored) : stored
  const answer = claimAnswer(claim, [...warnings, ...sent], asked)
  return answer.kind === 'resource' && created && !asked.issues ? { ...answer, created } : answer
}

/** Resolves to the warnings of the submission. */
async function submitted(
  { repository, billing, now }: OperationCall & { readonly billing: BillingParts },
  claim: Resource,
): Promise<readonly Issue[]> {
  const id = String(claim['id'])
  const [result] = await submitClaims(repository, callerView(repository), billing, [id], now)
  if (result?.code === undefined) return result?.issues ?? []
  throw new FhirError(result.code, [
    ...result.issues,
    {
      severity: 'information',
      code: 'informational',
      diagnostics: `Claim/${id} is stored; mend what stands against it and submit it.`,
      expression: 'Claim',
    },
  ])
}

async function current({ repository }: OperationCall, claim: Resource): Promise<Resource> {
  const { body } = await repository.read('Claim', String(claim['id']))
  return parseJson(body as Buffer) as Resource
}

function withIssues(claim: Resource, warnings: readonly Issue[]): Resource {
  return parameters([
    { name: 'claim', resource: claim },
    ...(warnings.length === 0 ? [] : [{ name: 'issues', resource: operationOutcome(warnings) }]),
  ])
}
