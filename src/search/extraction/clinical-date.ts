// The clinically relevant date of a resource: when it happened, else when it is planned, else when it was written down.
import type { Definitions, JsonObject } from '../../fhir/index.ts'
import { spanReader } from './span.ts'

/**
 * Elements asked in this order, `value[x]` without `[x]`; the first that has a date counts. Types not named here
 * have no such date (definitions of things, persons, places). After R4's mapping to the five Ws
 * (https://hl7.org/fhir/R4/fivews.html), except that an onset comes before an abatement.
 */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  Account: ['servicePeriod'],
  AdverseEvent: ['date', 'detected', 'recordedDate'],
  AllergyIntolerance: ['onset', 'recordedDate', 'lastOccurrence'],
  Appointment: ['start', 'requestedPeriod', 'created'],
  AppointmentResponse: ['start'],
  AuditEvent: ['recorded', 'period'],
  Basic: ['created'],
  Bundle: ['timestamp'],
  CarePlan: ['period', 'created'],
  CareTeam: ['period'],
  CatalogEntry: ['validityPeriod', 'lastUpdated'],
  ChargeItem: ['occurrence', 'enteredDate'],
  Claim: ['billablePeriod', 'created'],
  ClaimResponse: ['created'],
  ClinicalImpression: ['effective', 'date'],
  Communication: ['sent', 'received'],
  CommunicationRequest: ['occurrence', 'authoredOn'],
  Composition: ['date'],
  Condition: ['onset', 'recordedDate', 'abatement'],
  Consent: ['dateTime'],
  Contract: ['issued', 'applies'],
  Coverage: ['period'],
  CoverageEligibilityRequest: ['serviced', 'created'],
  CoverageEligibilityResponse: ['serviced', 'created'],
  DetectedIssue: ['identified'],
  DeviceRequest: ['occurrence', 'authoredOn'],
  DeviceUseStatement: ['timing', 'recordedOn'],
  DiagnosticReport: ['effective', 'issued'],
  DocumentManifest: ['created'],
  DocumentReference: ['date'],
  Encounter: ['period'],
  EnrollmentRequest: ['created'],
  EnrollmentResponse: ['created'],
  EpisodeOfCare: ['period'],
  ExplanationOfBenefit: ['billablePeriod', 'created'],
  FamilyMemberHistory: ['date'],
  Flag: ['period'],
  Goal: ['start', 'statusDate'],
  GuidanceResponse: ['occurrence'],
  ImagingStudy: ['started'],
  Immunization: ['occurrence', 'recorded'],
  ImmunizationEvaluation: ['date'],
  ImmunizationRecommendation: ['date'],
  Invoice: ['date'],
  List: ['date'],
  MeasureReport: ['date', 'period'],
  Media: ['created', 'issued'],
  MedicationAdministration: ['effective'],
  MedicationDispense: ['whenHandedOver', 'whenPrepared'],
  MedicationRequest: ['authoredOn'],
  MedicationStatement: ['effective', 'dateAsserted'],
  NutritionOrder: ['dateTime'],
  Observation: ['effective', 'issued'],
  PaymentNotice: ['created', 'paymentDate'],
  PaymentReconciliation: ['paymentDate', 'created', 'period'],
  Procedure: ['performed'],
  Provenance: ['recorded', 'occurred'],
  QuestionnaireResponse: ['authored'],
  RequestGroup: ['authoredOn'],
  ResearchStudy: ['period'],
  ResearchSubject: ['period'],
  RiskAssessment: ['occurrence'],
  Schedule: ['planningHorizon'],
  ServiceRequest: ['occurrence', 'authoredOn'],
  Slot: ['start'],
  Specimen: ['receivedTime'],
  SupplyDelivery: ['occurrence'],
  SupplyRequest: ['occurrence', 'authoredOn'],
  Task: ['executionPeriod', 'authoredOn', 'lastModified'],
  TestReport: ['issued'],
  VerificationResult: ['lastPerformed', 'statusDate'],
  VisionPrescription: ['dateWritten', 'created'],
}

/** The element that is asked first. */
export function clinicalElement(type: string): string | undefined {
  return Object.hasOwn(ELEMENTS, type) ? ELEMENTS[type]?.[0] : undefined
}

/** Reads that date of a type: where a span begins, or ends when its beginning is open; milliseconds since 1970. */
export function clinicalDateReader(
  definitions: Definitions,
  type: string,
): (resource: JsonObject) => number | undefined {
  const properties = [...(definitions.type(type)?.properties ?? [])]
  const readers = (ELEMENTS[type] ?? []).flatMap((name) =>
    properties.flatMap(([key, property]) => {
      const read = property.element.name === name ? spanReader(property.type.code) : undefined
      return read === undefined ? [] : [{ key, read }]
    }),
  )
  return (resource) => {
    for (const { key, read } of readers) {
      const value = resource[key]
      const span = value === undefined ? undefined : read(value)
      if (span !== undefined) return Number.isFinite(span.low) ? span.low : span.high
    }
    return undefined
  }
}
