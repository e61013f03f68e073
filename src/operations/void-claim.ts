// Claim/$void: the claim that takes back one which the payer has taken on.
import { voidClaim } from '../billing/index.ts'
import { FhirError } from '../fhir/index.ts'
import { callerView } from './caller-view.ts'
import { BY_POST, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refuseOthers } from './parameters.ts'

export const VOID_CLAIM: Operation = {
  name: 'void',
  type: 'Claim',
  levels: { instance: BY_POST },
  takesResource: [],
  affectsState: true,
  answers: 'Resource',
  definition: 'https://alcove.health/fhir/OperationDefinition/void',
  summary:
    'Makes the draft of a claim that takes back one which the payer has taken on (frequency 8); the first is cancelled when the payer has taken the void on.',
  parameters: [],
  run: takeBack,
}

async function takeBack(call: OperationCall): Promise<OperationAnswer> {
  const { repository, billing, id, pairs, handling, now } = call
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  refuseOthers(pairs, [], handling)
  await repository.read('Claim', id)
  const { created, resources } = await voidClaim(repository, callerView(repository), billing, id, now)
  return { kind: 'resource', resource: resources[0], ...(created ? { created } : {}) }
}
