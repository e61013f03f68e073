// The notice that goes with what is disclosed of a substance use program's records (42 CFR 2.32(a)(2)).
import { FhirError, isJsonObject, type JsonObject, type Resource } from '../../fhir/index.ts'
import { codeIn, informationOf, nextSequence, objectAt, objectsAt } from '../elements.ts'
import { SYSTEMS } from '../systems.ts'

const NOTICE = '42 CFR part 2 prohibits unauthorized use or disclosure of these records.'
const PART_TWO = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' }

/**
 * The claim with the notice as its note for the payer, where it carries the label of such records; else the claim.
 * @throws FhirError `business-rule` when it has another note to send: a claim has room for one
 */
export function withPartTwoNotice(claim: Resource): Resource {
  if (!isOfPartTwo(claim)) return claim
  const [other] = informationOf(claim, 'info').filter(
    (one) => codeIn(objectAt(one, 'code'), SYSTEMS.noteType) !== undefined,
  )
  if (other !== undefined)
    throw new FhirError('business-rule', [
      {
        severity: 'error',
        code: 'business-rule',
        diagnostics:
          'Claim.supportingInfo must have no note for the payer: the one that a claim has room for tells that these records are protected by 42 CFR part 2.',
        expression: 'Claim.supportingInfo',
      },
    ])
  const information = objectsAt(claim, 'supportingInfo')
  const sequence = nextSequence(information)
  return { ...claim, supportingInfo: [...information, noticeAt(sequence)] }
}

/** The notice in X12's characters, for what carries the label. */
export function partTwoNoticeOf(resource: Resource): string | undefined {
  return isOfPartTwo(resource) ? NOTICE.toUpperCase() : undefined
}

function isOfPartTwo({ meta }: Resource): boolean {
  const { system, code } = PART_TWO
  const labels = isJsonObject(meta) ? objectsAt(meta, 'security') : []
  return labels.some((label) => label['system'] === system && label['code'] === code)
}

function noticeAt(sequence: number): JsonObject {
  return {
    sequence,
    category: { coding: [{ system: SYSTEMS.information, code: 'info' }] },
    code: { coding: [{ system: SYSTEMS.noteType, code: 'ADD' }] },
    valueString: NOTICE,
  }
}
