// When the care that a resource tells of took place, for the `start` and `end` of $everything
// (https://hl7.org/fhir/R4/operation-patient-everything.html).
import { and, dateMatch, not, or, presenceMatch, type Expression } from '../store/index.ts'

/**
 * Date search parameters that tell it, in the order in which they are asked: the first that has a value decides. A
 * type that is not named here tells of no care at a time (Patient, Coverage, Group), and is in scope always.
 */
const CARE_DATES: Readonly<Record<string, readonly string[]>> = {
  Account: ['period'],
  AdverseEvent: ['date'],
  AllergyIntolerance: ['onset', 'date'],
  Appointment: ['date'],
  AuditEvent: ['date'],
  CarePlan: ['date'],
  CareTeam: ['date'],
  ChargeItem: ['occurrence', 'entered-date'],
  Claim: ['created'],
  ClaimResponse: ['created'],
  ClinicalImpression: ['date'],
  Communication: ['sent', 'received'],
  CommunicationRequest: ['occurrence', 'authored'],
  Composition: ['period', 'date'],
  Condition: ['onset-date', 'recorded-date'],
  Consent: ['period', 'date'],
  CoverageEligibilityRequest: ['created'],
  CoverageEligibilityResponse: ['created'],
  DetectedIssue: ['identified'],
  DeviceRequest: ['event-date', 'authored-on'],
  DiagnosticReport: ['date', 'issued'],
  DocumentManifest: ['created'],
  DocumentReference: ['period', 'date'],
  Encounter: ['date'],
  EpisodeOfCare: ['date'],
  ExplanationOfBenefit: ['created'],
  FamilyMemberHistory: ['date'],
  Flag: ['date'],
  Goal: ['start-date', 'target-date'],
  ImagingStudy: ['started'],
  Immunization: ['date'],
  ImmunizationEvaluation: ['date'],
  ImmunizationRecommendation: ['date'],
  Invoice: ['date'],
  List: ['date'],
  MeasureReport: ['period', 'date'],
  Media: ['created'],
  MedicationAdministration: ['effective-time'],
  MedicationDispense: ['whenhandedover', 'whenprepared'],
  MedicationRequest: ['date', 'authoredon'],
  MedicationStatement: ['effective'],
  NutritionOrder: ['datetime'],
  Observation: ['date'],
  Procedure: ['date'],
  Provenance: ['when', 'recorded'],
  QuestionnaireResponse: ['authored'],
  RequestGroup: ['authored'],
  ResearchSubject: ['date'],
  RiskAssessment: ['date'],
  Schedule: ['date'],
  ServiceRequest: ['occurrence', 'authored'],
  Specimen: ['collected'],
  SupplyRequest: ['date'],
  VisionPrescription: ['datewritten'],
}

export interface CarePeriod {
  /** Milliseconds since 1970, [low, high). */
  readonly low: number
  readonly high: number
}

/** Whether care fell, in part at least, into the period; also where there is no date at all. undefined: it always does. */
export function carePeriodCondition(type: string, { low, high }: CarePeriod): Expression | undefined {
  const params = CARE_DATES[type]
  if (params === undefined || (low === -Infinity && high === Infinity)) return undefined
  const has = (param: string) => presenceMatch(param, 'date')
  const decided = params.map((param, place) =>
    and([
      ...params.slice(0, place).map((earlier) => not(has(earlier))),
      dateMatch(param, { comparator: 'ap', low, high }),
    ]),
  )
  return or([...decided, not(or(params.map(has)))])
}

/** Types and the parameters they are asked by, for the test that holds them against R4's search parameters. */
export function careDateParameters(): Readonly<Record<string, readonly string[]>> {
  return CARE_DATES
}
