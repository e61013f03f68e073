// Which references carry labels from one resource to another, and which do not.
import { DEFINITIONAL } from './definitional.ts'
import { PROGRAM_TYPES } from './part2-program.ts'

/**
 * Types that nothing is inherited from: a reference to one says who or where, or what kind of thing, and not what
 * happened. Were it otherwise, one sensitive word about a patient would make the whole record sensitive.
 */
const IDENTITIES: ReadonlySet<string> = new Set([
  ...PROGRAM_TYPES,
  'Patient',
  'Person',
  'RelatedPerson',
  'OrganizationAffiliation',
  'Device',
  'Endpoint',
  'InsurancePlan',
  'Substance',
])

/** Types that take nothing, whatever they refer to: they tell of no one. */
const NO_RECORDS: ReadonlySet<string> = new Set([
  ...DEFINITIONAL,
  'OrganizationAffiliation',
  'Endpoint',
  'InsurancePlan',
  'Substance',
])

/** Elements of a resource itself by which it, or who works there, belongs to what may be a program, by type. */
const BELONGS_BY: Readonly<Record<string, readonly string[]>> = {
  Organization: ['partOf'],
  HealthcareService: ['providedBy'],
  Location: ['managingOrganization', 'partOf'],
  PractitionerRole: ['practitioner', 'organization', 'healthcareService'],
  Practitioner: [],
  // Who made, or had made, what it tells of.
  Provenance: ['agent', 'location'],
}

/**
 * Elements by which somebody is named who did not make the record, nor see the patient for it: who is to get it, to pay
 * for it, to act on it later, or makes the product. 42 CFR Part 2 follows who made a record (2.11, "Records"), so these
 * bring nothing. By type and name of the element, `*` for all types.
 */
const NOT_MADE_BY: Readonly<Record<string, readonly string[]>> = {
  '*': ['recipient', 'insurer', 'payor', 'payee', 'receiver', 'manufacturer', 'generalPractitioner'],
  Account: ['party'], // who pays in the end
  AuditEvent: ['who', 'location', 'observer'], // who looked at a record, not who made it
  CarePlan: ['performer'], // who is to do what is planned
  CareTeam: ['member', 'onBehalfOf'], // a family doctor's team may have a counselor in it
  Claim: ['party'], // the payee
  Consent: ['performer', 'reference', 'verifiedWith'], // to whom it applies
  Coverage: ['policyHolder'],
  DeviceRequest: ['performer'],
  Encounter: ['origin', 'destination'], // from where, and where to
  ExplanationOfBenefit: ['party'],
  Group: ['entity'], // a member
  MedicationDispense: ['destination'],
  MedicationRequest: ['performer'], // who is to dispense or give it
  Patient: ['organization'], // of a contact
  Person: ['target'], // who it is, not whose record
  ServiceRequest: ['performer', 'locationReference'], // a referral to a program is none of the program's records
  SupplyDelivery: ['destination'],
  SupplyRequest: ['supplier', 'deliverFrom', 'deliverTo'],
  Task: ['owner'], // who is to do it
  VerificationResult: ['target'], // of whom something was verified
}

/** Nothing is inherited along these, by type and name of the element. */
const NOT_INHERITED: Readonly<Record<string, readonly string[]>> = {
  // What may be told to whom is not itself of that kind: else no consent could be shown to whom it speaks of.
  Consent: ['reference'],
}

export function isRecord(type: string): boolean {
  return !NO_RECORDS.has(type)
}

/** Whether records inherit the labels of a resource of this type by referring to it. */
export function isInheritedFrom(type: string): boolean {
  return !IDENTITIES.has(type) && !DEFINITIONAL.has(type)
}

/** @param element the name of the resource's own element within which the Reference stands */
export function belongsBy(type: string, element: string | number | undefined): boolean {
  return BELONGS_BY[type]?.some((name) => name === element) === true
}

const MARKABLE: ReadonlySet<string> = new Set(Object.keys(BELONGS_BY))

/** Whether resources of the type can carry the mark of a program. */
export function isMarkable(type: string): boolean {
  return MARKABLE.has(type)
}

export function isMadeBy(type: string, element: string): boolean {
  return NOT_MADE_BY['*']?.includes(element) !== true && NOT_MADE_BY[type]?.includes(element) !== true
}

export function inheritsBy(type: string, element: string): boolean {
  return NOT_INHERITED[type]?.includes(element) !== true
}
