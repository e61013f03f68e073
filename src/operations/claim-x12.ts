// Claim/$x12: the X12 837 that a claim would be sent as, to look at; nothing is sent.
import { previewClaim } from '../billing/index.ts'
import { FhirError, parseJson, type Resource } from '../fhir/index.ts'
import { callerView } from './caller-view.ts'
import { BY_ANY_METHOD, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refuseOthers } from './parameters.ts'

const TYPE = 'Claim'
/** RFC 1767 names EDI's media types. */
const X12 = 'application/edi-x12'

export const CLAIM_X12: Operation = {
  name: 'x12',
  type: TYPE,
  levels: { instance: BY_ANY_METHOD },
  takesResource: [],
  affectsState: false,
  answers: 'Resource',
  alsoIn: [X12],
  definition: 'https://alcove.health/fhir/OperationDefinition/x12',
  summary:
    'The X12 837 (005010X222A1 or 005010X223A2) that a claim would be sent as, marked as a trial, as a Binary or as text; nothing is sent or written.',
  parameters: [],
  run: x12,
}

async function x12({
  repository,
  billing,
  id,
  pairs,
  handling,
  mediaType,
  now,
}: OperationCall): Promise<OperationAnswer> {
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  refuseOthers(pairs, [], handling)
  const { body } = await repository.read(TYPE, id)
  const claim = parseJson(body as Buffer) as Resource
  const text = Buffer.from(await previewClaim(callerView(repository), billing, claim, now), 'latin1')
  if (mediaType === X12) return { kind: 'bytes', mediaType: X12, body: text }
  return {
    kind: 'resource',
    resource: { resourceType: 'Binary', contentType: X12, data: text.toString('base64') },
  }
}
