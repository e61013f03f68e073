// From a FHIR Claim and the resources around it to what an 837 tells.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { compareMoney, sumMoney } from '../../money.ts'
import { x12Code, x12Text } from '../characters.ts'
import { required, unwritable } from '../fault.ts'
import { chargeAt } from '../values.ts'
import { RELATIONSHIPS, type ClaimBundle } from './claim-bundle.ts'
import { SYSTEMS } from '../../systems.ts'
import type { ClaimContent, ClaimKind, Dependent, Line, Party, Subscriber } from './content.ts'
import {
  codeIn,
  hasCode,
  identifierIn,
  identifierOfType,
  informationOf,
  objectAt,
  objectsAt,
  textAt,
  textsAt,
} from '../../elements.ts'
import { datesOf } from './dates-of.ts'
import { diagnosesOf } from './diagnoses-of.ts'
import { informationCodes } from './information-of.ts'
import { linesOf } from './lines-of.ts'
import { billingProviderOf, providersOf } from './providers-of.ts'
import { partyOf, personOf, withNpi } from './parties-of.ts'

/**
 * What the 837 tells of this claim. 422, naming the element, for what the guides require and is not there, what they
 * cannot hold, and what is not written here (other payers' part in the claim, accidents), so that nothing is left out in silence.
 * Names and texts are folded to X12's characters. What stays at home: free text that no note code marks for sending,
 * prices per unit, places of institutional lines, and a rendering provider who is the billing provider.
 */
export function contentOf(bundle: ClaimBundle): ClaimContent {
  const { claim, terms } = bundle
  const kind = kindOf(claim)
  refuseUnwritten(claim, kind)
  const focal = focalInsurance(claim)
  const { diagnoses, positions } = diagnosesOf(claim, kind)
  const billingProvider = billingProviderOf(bundle.billingProvider, kind)
  const { providers, rendering } = providersOf(bundle, kind, billingProvider)
  const lines = linesOf({ claim, kind, positions, rendering })
  const total = chargeAt(objectAt(claim, 'total'), 'value', 'Claim.total.value')
  if (compareMoney(total, sumMoney(lines.map((line) => line.charge))) !== 0)
    throw unwritable('Claim.total', 'is not the sum of Claim.item.net')
  const self = hasCode(objectAt(bundle.coverage, 'relationship'), 'self')
  const dependent = self ? undefined : dependentOf(bundle)
  const place = placeOf(claim, kind)
  const payeeType = objectAt(objectAt(claim, 'payee'), 'type')
  const attachments = attachmentsOf(claim)
  const facility = bundle.facility && withNpi(bundle.facility, partyOf(bundle.facility, true))
  return {
    kind,
    billingProvider,
    subscriber: subscriberOf(bundle, focal, self),
    payer: payerOf(bundle.payer),
    ...(dependent === undefined ? {} : { dependent }),
    controlNumber: controlNumberOf(claim),
    total,
    ...place,
    ...(kind === 'professional' ? { signature: terms.signature ? 'Y' : 'N' } : {}),
    assignment: terms.assignment,
    benefits: hasCode(payeeType, 'provider') ? 'Y' : 'N',
    release: terms.release,
    ...datesOf(claim, kind),
    ...(kind === 'institutional' ? admissionOf(claim) : {}),
    attachments,
    ...referencesOf(claim, focal),
    ...noteOf(claim),
    diagnoses,
    ...(kind === 'institutional' ? informationCodes(claim) : { procedures: [], values: [], conditions: [] }),
    providers,
    ...(facility === undefined ? {} : { facility }),
    lines: lines.map((line) => withoutPlace(line, place.place)),
  }
}

function refuseUnwritten(claim: Resource, kind: ClaimKind): void {
  if (claim.accident !== undefined) throw unwritable('Claim.accident', 'is not written')
  if (kind === 'professional' && objectsAt(claim, 'procedure').length > 0)
    throw unwritable('Claim.procedure', 'is not written on a professional claim')
}

function withoutPlace(line: Line, place: string): Line {
  if (line.place !== place) return line
  const { place: _, ...rest } = line
  return rest
}

function kindOf(claim: Resource): ClaimKind {
  const code = codeIn(objectAt(claim, 'type'), SYSTEMS.claimType)
  if (code === 'professional' || code === 'institutional') return code
  throw unwritable('Claim.type', 'must be professional or institutional')
}

function focalInsurance(claim: Resource): JsonObject {
  const all = objectsAt(claim, 'insurance')
  const focal = all.filter((one) => one.focal === true)
  if (focal.length !== 1) throw unwritable('Claim.insurance', 'must have exactly one that is focal')
  if (all.length > 1) throw unwritable('Claim.insurance', "tells of other payers' part, which is not written")
  return focal[0] as JsonObject
}

function controlNumberOf(claim: Resource): string {
  const value = identifierOfType(claim, 'PLAC')
  const expression = 'Claim.identifier'
  return x12Code(required(value, expression, 'must have one of type PLAC'), 38, expression)
}

function payerOf(resource: Resource): Party {
  const id = identifierOfType(resource, 'payerid') ?? identifierIn(resource, SYSTEMS.naic)
  const expression = 'Organization.identifier'
  const value = x12Code(required(id, expression, 'must have a payer id'), 80, expression, 2)
  return { ...partyOf(resource, true), id: value }
}

const RESPONSIBILITIES = ['P', 'S', 'T', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']

function subscriberOf(bundle: ClaimBundle, focal: JsonObject, self: boolean): Subscriber {
  const { coverage, patient } = bundle
  const resource = self ? patient : required(bundle.subscriber, 'Coverage.subscriber', 'is required')
  const sequence = Number(focal.sequence)
  const responsibility = RESPONSIBILITIES[sequence - 1]
  const memberId = textAt(coverage, 'subscriberId') ?? identifierOfType(coverage, 'MB')
  const at = 'Coverage.subscriberId'
  const group = objectsAt(coverage, 'class').find((one) => hasCode(objectAt(one, 'type'), 'group'))
  const [number, name] = [textAt(group, 'value'), textAt(group, 'name')]
  const person = personOf(resource, true)
  if (self && (person.address === undefined || person.birthDate === undefined))
    throw unwritable('Patient', 'must have an address and a birth date')
  return {
    ...person,
    id: x12Code(required(memberId, at, 'is required'), 80, at, 2),
    responsibility: required(responsibility, 'Claim.insurance.sequence', 'must be from 1 to 11'),
    ...(number === undefined ? {} : { groupNumber: x12Code(number, 50, 'Coverage.class.value') }),
    ...(name === undefined ? {} : { groupName: x12Text(name, 60, 'Coverage.class.name') }),
    filingIndicator: x12Code(
      required(
        codeIn(objectAt(coverage, 'type'), SYSTEMS.filingIndicator),
        'Coverage.type',
        `must have a coding of ${SYSTEMS.filingIndicator}, such as CI (commercial), MB (Medicare part B) or MC (Medicaid)`,
      ),
      2,
      'Coverage.type',
    ),
  }
}

function dependentOf({ patient, coverage }: ClaimBundle): Dependent {
  const person = personOf(patient, true)
  if (person.address === undefined || person.birthDate === undefined)
    throw unwritable('Patient', 'must have an address and a birth date')
  const relationship = objectAt(coverage, 'relationship')
  const own = codeIn(relationship, SYSTEMS.relationshipX12)
  const code = required(
    codeIn(relationship, SYSTEMS.relationship) ?? own,
    'Coverage.relationship',
    'is required',
  )
  return {
    ...person,
    relationship: x12Code(own ?? RELATIONSHIPS[code] ?? 'G8', 2, 'Coverage.relationship'),
  }
}

function placeOf(claim: Resource, kind: ClaimKind): { readonly place: string; readonly frequency: string } {
  if (kind === 'institutional') {
    const code = codeIn(objectAt(informationOf(claim, 'typeofbill')[0], 'code'))
    const match = /^0?(\w\w)(\w)$/.exec(code ?? '')
    if (match === null)
      throw unwritable('Claim.supportingInfo', 'must have a typeofbill with a code such as 0861')
    return { place: match[1] as string, frequency: match[2] as string }
  }
  const place = codeIn(objectAt(objectsAt(claim, 'item')[0], 'locationCodeableConcept'), SYSTEMS.place)
  const frequency = codeIn(objectAt(informationOf(claim, 'claimFrequency')[0], 'code')) ?? '1'
  return {
    place: x12Code(
      required(place, 'Claim.item[0].locationCodeableConcept', 'must be a place of service'),
      2,
      'Claim.item[0].locationCodeableConcept',
    ),
    frequency: x12Code(frequency.slice(-1), 1, 'Claim.supportingInfo'),
  }
}

function admissionOf(
  claim: Resource,
): Pick<ClaimContent, 'admissionType' | 'pointOfOrigin' | 'dischargeStatus'> {
  const code = (category: string) => {
    const found = codeIn(objectAt(informationOf(claim, category)[0], 'code'))
    return found === undefined ? undefined : x12Code(found, 2, 'Claim.supportingInfo')
  }
  const needed = (category: string) =>
    required(code(category), 'Claim.supportingInfo', `must have a ${category} on an institutional claim`)
  const origin = code('pointoforigin')
  return {
    admissionType: needed('admtype'),
    ...(origin === undefined ? {} : { pointOfOrigin: origin }),
    dischargeStatus: needed('discharge-status'),
  }
}

/** PWK of each attachment. */
export function attachmentsOf(claim: Resource): ClaimContent['attachments'] {
  const at = 'Claim.supportingInfo'
  return informationOf(claim, 'attachment').map((one) => {
    const code = objectAt(one, 'code')
    const type = required(
      codeIn(code, SYSTEMS.attachmentType),
      at,
      `that is an attachment must have a code of ${SYSTEMS.attachmentType}`,
    )
    const transmission = codeIn(code, SYSTEMS.attachmentTransmission) ?? 'AA'
    const control = textAt(objectAt(objectAt(one, 'valueReference'), 'identifier'), 'value')
    if (control === undefined && transmission !== 'AA')
      throw unwritable(at, 'that is an attachment must have valueReference.identifier')
    return {
      type: x12Code(type, 2, at),
      transmission: x12Code(transmission, 2, at),
      ...(control === undefined ? {} : { control: x12Code(control, 50, at, 2) }),
    }
  })
}

function referencesOf(
  claim: Resource,
  focal: JsonObject,
): Pick<ClaimContent, 'referral' | 'authorization' | 'original' | 'medicalRecord'> {
  const referral = textAt(objectAt(objectAt(claim, 'referral'), 'identifier'), 'value')
  const authorizations = textsAt(focal, 'preAuthRef')
  if (authorizations.length > 1) throw unwritable('Claim.insurance.preAuthRef', 'may be one only on a claim')
  const prior = objectsAt(claim, 'related').find((one) => hasCode(objectAt(one, 'relationship'), 'prior'))
  const original =
    textAt(objectAt(prior, 'reference'), 'value') ??
    textAt(objectAt(objectAt(prior, 'claim'), 'identifier'), 'value')
  if (prior !== undefined && original === undefined)
    throw unwritable('Claim.related.reference', "must have the payer's number of the prior claim")
  const record = textAt(informationOf(claim, 'medicalrecordnumber')[0], 'valueString')
  const told = (key: string, text: string | undefined, expression: string) =>
    text === undefined ? {} : { [key]: x12Code(text, 50, expression) }
  return {
    ...told('referral', referral, 'Claim.referral.identifier'),
    ...told('authorization', authorizations[0], 'Claim.insurance.preAuthRef'),
    ...told('original', original, 'Claim.related.reference'),
    ...told('medicalRecord', record, 'Claim.supportingInfo'),
  }
}

/** Free text is sent only where a code of X12's notes says that it shall be. */
function noteOf(claim: Resource): Pick<ClaimContent, 'note'> {
  const notes = informationOf(claim, 'info').flatMap((one) => {
    const code = codeIn(objectAt(one, 'code'), SYSTEMS.noteType)
    const text = textAt(one, 'valueString')
    return code === undefined || text === undefined ? [] : [{ code, text }]
  })
  if (notes.length > 1) throw unwritable('Claim.supportingInfo', 'may have one note to send only')
  const [note] = notes
  if (note === undefined) return {}
  return {
    note: {
      code: x12Code(note.code, 3, 'Claim.supportingInfo'),
      text: x12Text(note.text, 80, 'Claim.supportingInfo'),
    },
  }
}
