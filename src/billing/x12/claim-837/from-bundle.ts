// From a FHIR Claim and the resources around it to what an 837 tells.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { compareMoney, sumMoney } from '../../money.ts'
import { x12Code, x12Text } from '../characters.ts'
import { unwritable } from '../fault.ts'
import { chargeAt, x12Time } from '../values.ts'
import { CARE_TEAM_ROLES, DIAGNOSIS_TYPES, RELATIONSHIPS, SYSTEMS, type ClaimBundle } from './claim-bundle.ts'
import {
  ROLES,
  type BillingProvider,
  type ClaimContent,
  type ClaimKind,
  type Dependent,
  type Diagnosis,
  type Line,
  type Party,
  type Period,
  type Provider,
  type ProviderRole,
  type Subscriber,
} from './content.ts'
import {
  codeIn,
  hasCode,
  identifierIn,
  identifierOfType,
  informationOf,
  objectAt,
  objectsAt,
  required,
  textAt,
  textsAt,
} from './elements.ts'
import { linesOf } from './lines-of.ts'
import { partyOf, personOf, providerOf, withNpi } from './parties-of.ts'

/**
 * What the 837 tells of this claim. 422, naming the element, for what the guides require and is not there, what they
 * cannot hold, and what is not written here (other payers' part in the claim), so that nothing is left out in silence.
 * Names and texts are folded to X12's characters. What stays at home: free text that no note code marks for sending,
 * prices per unit, places of institutional lines, and a rendering provider who is the billing provider.
 */
export function contentOf(bundle: ClaimBundle): ClaimContent {
  const { claim, terms } = bundle
  const kind = kindOf(claim)
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

function billingProviderOf(resource: Resource, kind: ClaimKind): BillingProvider {
  const at = (element: string) => `${resource.resourceType}.${element}`
  const provider = providerOf(resource, true)
  if (provider.address === undefined) throw unwritable(at('address'), 'is required of a billing provider')
  if (kind === 'institutional' && provider.person)
    throw unwritable('Claim.provider', 'must be an organization on an institutional claim')
  const ein = identifierIn(resource, SYSTEMS.ein)?.replace('-', '')
  const ssn = kind === 'institutional' ? undefined : identifierIn(resource, SYSTEMS.ssn)?.replaceAll('-', '')
  const value = ein ?? ssn
  if (!/^\d{9}$/.test(value ?? ''))
    throw unwritable(
      at('identifier'),
      'must have a tax id of nine digits: EIN, or SSN on a professional claim',
    )
  return { ...provider, taxId: { qualifier: ein === undefined ? 'SY' : 'EI', value: value as string } }
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
        `must have a coding of ${SYSTEMS.filingIndicator}`,
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

function datesOf(
  claim: Resource,
  kind: ClaimKind,
): Pick<ClaimContent, 'onset' | 'statement' | 'admission' | 'discharge'> {
  const stay = objectAt(informationOf(claim, 'admissionperiod')[0], 'timingPeriod')
  const [start, end] = [textAt(stay, 'start'), textAt(stay, 'end')]
  if (kind === 'professional') {
    const onset = textAt(informationOf(claim, 'onset')[0], 'timingDate')
    return {
      ...(onset === undefined ? {} : { onset: wholeDay(onset, 'Claim.supportingInfo') }),
      ...(start === undefined ? {} : { admission: wholeDay(start, 'Claim.supportingInfo') }),
      ...(end === undefined ? {} : { discharge: wholeDay(end, 'Claim.supportingInfo') }),
    }
  }
  const hour = end === undefined ? undefined : x12Time(end)
  return {
    statement: periodOf(objectAt(claim, 'billablePeriod'), 'Claim.billablePeriod'),
    ...(start === undefined ? {} : { admission: wallClock(start) }),
    ...(hour === undefined ? {} : { discharge: `${hour.slice(0, 2)}:${hour.slice(2)}` }),
  }
}

function wallClock(start: string): string {
  const [day, time] = [wholeDay(start, 'Claim.supportingInfo'), x12Time(start)]
  return time === undefined ? day : `${day}T${time.slice(0, 2)}:${time.slice(2)}`
}

function wholeDay(text: string | undefined, expression: string): string {
  if (text === undefined || text.length < 10) throw unwritable(expression, 'must name a whole day')
  return text.slice(0, 10)
}

function periodOf(period: JsonObject | undefined, expression: string): Period {
  const [start, end] = [textAt(period, 'start'), textAt(period, 'end')]
  const read = { start: wholeDay(start, expression), end: wholeDay(end, expression) }
  if (read.end < read.start) throw unwritable(expression, 'ends before it starts')
  return read
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

function attachmentsOf(claim: Resource): ClaimContent['attachments'] {
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

function informationCodes(
  claim: Resource,
): Pick<ClaimContent, 'procedures' | 'drg' | 'values' | 'conditions'> {
  const at = 'Claim.supportingInfo'
  const drg = codeIn(objectAt(informationOf(claim, 'drg')[0], 'code'), SYSTEMS.drg)
  const infos = informationOf(claim, 'info')
  const codes = (system: string) =>
    infos.flatMap((one) => {
      const code = codeIn(objectAt(one, 'code'), system)
      return code === undefined ? [] : [{ one, code: x12Code(code, 3, at) }]
    })
  return {
    procedures: objectsAt(claim, 'procedure').map((one, index) => {
      const expression = `Claim.procedure[${index}]`
      const code = codeIn(objectAt(one, 'procedureCodeableConcept'), SYSTEMS.icd10pcs)
      const types = objectsAt(one, 'type')
      return {
        principal: types.length === 0 ? index === 0 : types.some((type) => hasCode(type, 'primary')),
        code: x12Code(required(code, expression, 'must be coded in ICD-10-PCS'), 7, expression),
        date: wholeDay(textAt(one, 'date'), `${expression}.date`),
      }
    }),
    ...(drg === undefined ? {} : { drg: x12Code(drg, 4, at) }),
    values: codes(SYSTEMS.value).map(({ one, code }) => ({
      code,
      amount: chargeAt(objectAt(one, 'valueQuantity'), 'value', `${at}.valueQuantity.value`),
    })),
    conditions: codes(SYSTEMS.condition).map(({ code }) => code),
  }
}

/** The most of each kind; a professional claim has a principal one and eleven others. */
const MOST_DIAGNOSES: Readonly<Record<ClaimKind, Readonly<Record<Diagnosis['kind'], number>>>> = {
  professional: { principal: 1, other: 11, admitting: 0, reason: 0, 'external-cause': 0 },
  institutional: { principal: 1, other: 24, admitting: 1, reason: 3, 'external-cause': 12 },
}

/** In the order in which they are written, and the position of each `Claim.diagnosis.sequence` among them, from 1. */
function diagnosesOf(
  claim: Resource,
  kind: ClaimKind,
): { readonly diagnoses: readonly Diagnosis[]; readonly positions: ReadonlyMap<number, number> } {
  const read = objectsAt(claim, 'diagnosis').map((one, index) => diagnosisOf(one, index, kind))
  const order = Object.keys(MOST_DIAGNOSES[kind]) as Diagnosis['kind'][]
  if (kind === 'institutional')
    order.splice(0, order.length, 'principal', 'admitting', 'reason', 'external-cause', 'other')
  for (const which of order) {
    const most = MOST_DIAGNOSES[kind][which]
    if (read.filter(({ diagnosis }) => diagnosis.kind === which).length > most)
      throw unwritable('Claim.diagnosis', `may have no more than ${most} of the kind ${which}`)
  }
  const sorted = order.flatMap((which) => read.filter(({ diagnosis }) => diagnosis.kind === which))
  if (sorted[0]?.diagnosis.kind !== 'principal')
    throw unwritable('Claim.diagnosis', 'must have one of type principal')
  return {
    diagnoses: sorted.map(({ diagnosis }) => diagnosis),
    positions: new Map(sorted.map(({ sequence }, index) => [sequence, index + 1])),
  }
}

function diagnosisOf(one: JsonObject, index: number, kind: ClaimKind) {
  const expression = `Claim.diagnosis[${index}]`
  const types = objectsAt(one, 'type')
  const type = (Object.keys(DIAGNOSIS_TYPES) as (keyof typeof DIAGNOSIS_TYPES)[]).find((code) =>
    types.some((concept) => hasCode(concept, code)),
  )
  if (types.length > 0 && type === undefined)
    throw unwritable(`${expression}.type`, `must be one of ${Object.keys(DIAGNOSIS_TYPES).join(', ')}`)
  const code = codeIn(objectAt(one, 'diagnosisCodeableConcept'), SYSTEMS.icd10cm)
  const which = type === undefined ? (index === 0 ? 'principal' : 'other') : DIAGNOSIS_TYPES[type]
  const told = kind === 'institutional' && which !== 'admitting' && which !== 'reason'
  const poa = told ? codeIn(objectAt(one, 'onAdmission'), SYSTEMS.presentOnAdmission) : undefined
  const diagnosis: Diagnosis = {
    kind: which,
    code: x12Code(
      required(code, expression, 'must be coded in ICD-10-CM').replace('.', '').toUpperCase(),
      7,
      expression,
    ),
    ...(poa === undefined ? {} : { presentOnAdmission: x12Code(poa, 1, `${expression}.onAdmission`) }),
  }
  return { sequence: Number(one.sequence), diagnosis }
}

interface ClaimProviders {
  readonly providers: Partial<Record<ProviderRole, Provider>>
  /** Rendering providers that a line may name instead of the claim's, by their sequence. */
  readonly rendering: ReadonlyMap<number, Provider | undefined>
}

/** The first rendering provider is the claim's; later ones are those of lines. */
function providersOf(bundle: ClaimBundle, kind: ClaimKind, billing: BillingProvider): ClaimProviders {
  const providers: Partial<Record<ProviderRole, Provider>> = {}
  const rendering = new Map<number, Provider | undefined>()
  for (const [index, member] of objectsAt(bundle.claim, 'careTeam').entries()) {
    const expression = `Claim.careTeam[${index}]`
    const role = roleOf(member, kind, expression)
    const sequence = Number(member.sequence)
    const resource = required(bundle.careTeam[sequence], `${expression}.provider`, 'is not at hand')
    const taxonomy = codeIn(objectAt(member, 'qualification'), SYSTEMS.nucc)
    const provider = tellable(providerOf(resource, false, taxonomy), kind, role)
    if (role === '82') {
      const first = rendering.size === 0
      const isBilling = provider.id !== undefined && provider.id === billing.id
      if (first && !isBilling) providers['82'] = provider
      rendering.set(sequence, first ? undefined : provider)
    } else if (providers[role] === undefined) providers[role] = provider
    else throw unwritable(expression, 'has a role that may be on a claim once only')
  }
  return { providers, rendering }
}

function roleOf(member: JsonObject, kind: ClaimKind, expression: string): ProviderRole {
  const code = codeIn(objectAt(member, 'role'), SYSTEMS.careTeamRole)
  const role = code === 'primary' ? '82' : CARE_TEAM_ROLES[code as keyof typeof CARE_TEAM_ROLES]
  if (role === undefined || !ROLES[kind].includes(role))
    throw unwritable(`${expression}.role`, `is none that a ${kind} claim has`)
  return role
}

function tellable(provider: Provider, kind: ClaimKind, role: ProviderRole): Provider {
  const told = kind === 'professional' ? role === '82' : role === '71'
  if (told || provider.taxonomy === undefined) return provider
  const { taxonomy: _, ...rest } = provider
  return rest
}
