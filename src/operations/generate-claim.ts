// Encounter/[id]/$generate-claim: the claim of one visit, once.
import { generateForEncounter, saveGenerated, type BillingParts } from '../billing/index.ts'
import { FhirError, type Resource } from '../fhir/index.ts'
import { claimAnswer, storedAnswer, unsaved } from './generate-claim-answer.ts'
import { GENERATE_PARAMETERS, readGenerateParameters } from './generate-claim-parameters.ts'
import { BY_POST, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { withoutNotesApart } from './without-notes-apart.ts'

export const ENCOUNTER_GENERATE_CLAIM: Operation = {
  name: 'generate-claim',
  type: 'Encounter',
  levels: { instance: BY_POST },
  takesResource: [],
  affectsState: true,
  answers: 'Resource',
  definition: 'https://alcove.health/fhir/OperationDefinition/encounter-generate-claim',
  summary:
    'Makes the claim of a finished visit with a signed note, by the rules of its services; asked again, answers the same claim. What stands against it is told all at once.',
  parameters: GENERATE_PARAMETERS,
  run: generate,
}

async function generate(call: OperationCall): Promise<OperationAnswer> {
  const asked = readGenerateParameters(call)
  const { repository, id, now } = call
  const billing = call.billing as BillingParts
  await repository.read('Encounter', id)
  const { view, parts } = withoutNotesApart(call)
  const { coverage, claimType, correctionOf } = asked
  const request = { encounterId: id, coverage, claimType, correctionOf, now }
  const generated = await generateForEncounter(view, parts, request)
  const { existing, claim, refusals } = generated
  // Of a draft that is there its warnings are what they would be if it were made now.
  const { warnings } =
    asked.issues && existing?.['status'] === 'draft'
      ? await generateForEncounter(view, parts, { ...request, anew: String(existing['id']) })
      : generated
  if (asked.dryRun && (existing ?? claim) !== undefined)
    return claimAnswer(existing ?? unsaved(claim as Resource), warnings, asked)
  if (asked.dryRun) throw new FhirError('business-rule', [...refusals, ...warnings])
  const stored = await saveGenerated(repository, generated, now)
  return storedAnswer({ ...call, billing }, stored, warnings, asked)
}
