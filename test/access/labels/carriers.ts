// Every kind of place in which a code can stand in a resource.
import type { JsonObject } from '../../../src/fhir/index.ts'

type Carrier = (coding: JsonObject) => JsonObject

const subject = { reference: 'Patient/p' }
const text = { text: 'x' }

const condition: Carrier = (coding) => ({ resourceType: 'Condition', subject, code: { coding: [coding] } })

const claim = (more: JsonObject): JsonObject => ({
  resourceType: 'Claim',
  status: 'active',
  type: text,
  use: 'claim',
  patient: subject,
  created: '2025-05-01',
  provider: { reference: 'Organization/o' },
  priority: text,
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/c' } }],
  ...more,
})

const benefit = (more: JsonObject): JsonObject => ({
  resourceType: 'ExplanationOfBenefit',
  status: 'active',
  type: text,
  use: 'claim',
  patient: subject,
  created: '2025-05-01',
  insurer: { reference: 'Organization/i' },
  provider: { reference: 'Organization/o' },
  outcome: 'complete',
  insurance: [{ focal: true, coverage: { reference: 'Coverage/c' } }],
  ...more,
})

const observation = (more: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: text,
  subject,
  ...more,
})

const request = (more: JsonObject): JsonObject => ({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  subject,
  medicationCodeableConcept: text,
  ...more,
})

const one = (coding: JsonObject) => ({ coding: [coding] })

/** By where the code stands. Each is valid R4. */
export const CARRIERS: Readonly<Record<string, Carrier>> = {
  'Condition.code': condition,
  'Condition.code, the last of three': (coding) => ({
    resourceType: 'Condition',
    subject,
    code: { coding: [{ system: 'http://snomed.info/sct', code: '1' }, { display: 'x' }, coding], text: 'y' },
  }),
  'Condition.evidence.code': (coding) => ({
    resourceType: 'Condition',
    subject,
    evidence: [{ code: [text] }, { code: [text, one(coding)] }],
  }),
  'Procedure.code': (coding) => ({
    resourceType: 'Procedure',
    status: 'completed',
    subject,
    code: one(coding),
  }),
  'Procedure.reasonCode': (coding) => ({
    resourceType: 'Procedure',
    status: 'completed',
    subject,
    reasonCode: [one(coding)],
  }),
  'Claim.item.productOrService': (coding) =>
    claim({ item: [{ sequence: 1, productOrService: one(coding) }] }),
  'Claim.item.detail.subDetail': (coding) =>
    claim({
      item: [
        {
          sequence: 1,
          productOrService: text,
          detail: [
            {
              sequence: 1,
              productOrService: text,
              subDetail: [{ sequence: 1, productOrService: one(coding) }],
            },
          ],
        },
      ],
    }),
  'Claim.diagnosis': (coding) =>
    claim({ diagnosis: [{ sequence: 1, diagnosisCodeableConcept: one(coding) }] }),
  'Claim.diagnosis.packageCode': (coding) =>
    claim({
      diagnosis: [{ sequence: 1, diagnosisCodeableConcept: text, packageCode: one(coding) }],
    }),
  'Claim.procedure': (coding) =>
    claim({ procedure: [{ sequence: 1, procedureCodeableConcept: one(coding) }] }),
  'Claim.supportingInfo': (coding) =>
    claim({ supportingInfo: [{ sequence: 1, category: text, code: one(coding) }] }),
  'ExplanationOfBenefit.diagnosis': (coding) =>
    benefit({ diagnosis: [{ sequence: 1, diagnosisCodeableConcept: one(coding) }] }),
  'ExplanationOfBenefit.procedure': (coding) =>
    benefit({ procedure: [{ sequence: 1, procedureCodeableConcept: one(coding) }] }),
  'ExplanationOfBenefit.item': (coding) =>
    benefit({ item: [{ sequence: 1, productOrService: one(coding) }] }),
  'ExplanationOfBenefit.addItem': (coding) => benefit({ addItem: [{ productOrService: one(coding) }] }),
  'Encounter.reasonCode': (coding) => ({
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'AMB' },
    reasonCode: [one(coding)],
  }),
  'Encounter.type': (coding) => ({
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'AMB' },
    type: [one(coding)],
  }),
  'Encounter.class': (coding) => ({ resourceType: 'Encounter', status: 'finished', class: coding }),
  'EpisodeOfCare.type': (coding) => ({
    resourceType: 'EpisodeOfCare',
    status: 'active',
    patient: subject,
    type: [one(coding)],
  }),
  'Observation.code': (coding) => observation({ code: one(coding) }),
  'Observation.value': (coding) => observation({ valueCodeableConcept: one(coding) }),
  'Observation.component.value': (coding) =>
    observation({ component: [{ code: text, valueCodeableConcept: one(coding) }] }),
  'Observation.meta.tag': (coding) => observation({ meta: { tag: [coding] } }),
  'DiagnosticReport.conclusionCode': (coding) => ({
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: text,
    conclusionCode: [one(coding)],
  }),
  'MedicationRequest.medication': (coding) => request({ medicationCodeableConcept: one(coding) }),
  'MedicationRequest.reasonCode': (coding) => request({ reasonCode: [one(coding)] }),
  'MedicationStatement.reasonCode': (coding) => ({
    resourceType: 'MedicationStatement',
    status: 'active',
    subject,
    medicationReference: { reference: 'Medication/m' },
    reasonCode: [one(coding)],
  }),
  'Medication.code': (coding) => ({ resourceType: 'Medication', code: one(coding) }),
  'ServiceRequest.code': (coding) => ({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject,
    code: one(coding),
  }),
  'CarePlan.activity.detail.code': (coding) => ({
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    subject,
    activity: [{ detail: { status: 'scheduled', code: one(coding) } }],
  }),
  'Goal.target': (coding) => ({
    resourceType: 'Goal',
    lifecycleStatus: 'active',
    description: text,
    subject,
    target: [{ measure: text, detailCodeableConcept: one(coding) }],
  }),
  'ChargeItem.code': (coding) => ({
    resourceType: 'ChargeItem',
    status: 'billable',
    code: one(coding),
    subject,
  }),
  'Communication.reasonCode': (coding) => ({
    resourceType: 'Communication',
    status: 'completed',
    reasonCode: [one(coding)],
  }),
  'Appointment.reasonCode': (coding) => ({
    resourceType: 'Appointment',
    status: 'proposed',
    reasonCode: [one(coding)],
    participant: [{ actor: subject, status: 'accepted' }],
  }),
  'FamilyMemberHistory.condition': (coding) => ({
    resourceType: 'FamilyMemberHistory',
    status: 'completed',
    patient: subject,
    relationship: text,
    condition: [{ code: one(coding) }],
  }),
  'DocumentReference.context.event': (coding) => ({
    resourceType: 'DocumentReference',
    status: 'current',
    content: [{ attachment: { contentType: 'text/plain' } }],
    context: { event: [one(coding)] },
  }),
  'Composition.section.section.code': (coding) => ({
    resourceType: 'Composition',
    status: 'final',
    type: text,
    date: '2025-05-01',
    author: [{ reference: 'Practitioner/p' }],
    title: 'x',
    section: [
      {
        section: [
          {
            code: one(coding),
            text: { status: 'empty', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
          },
        ],
      },
    ],
  }),
  'QuestionnaireResponse.item.item.answer.value': (coding) => ({
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    item: [
      { linkId: '1', item: [{ linkId: '1.1', answer: [{ valueInteger: 1 }, { valueCoding: coding }] }] },
    ],
  }),
  'Patient.extension.value': (coding) => ({
    resourceType: 'Patient',
    extension: [{ url: 'http://example.org/x', valueCoding: coding }],
  }),
  'Patient.extension.extension.value.coding': (coding) => ({
    resourceType: 'Patient',
    extension: [
      {
        url: 'http://example.org/x',
        extension: [{ url: 'y', valueCodeableConcept: one(coding) }],
      },
    ],
  }),
  'Patient.birthDate.extension': (coding) => ({
    resourceType: 'Patient',
    birthDate: '1980-01-01',
    _birthDate: { extension: [{ url: 'http://example.org/x', valueCoding: coding }] },
  }),
  'Patient.name.given.extension': (coding) => ({
    resourceType: 'Patient',
    name: [
      {
        given: ['A', 'B'],
        _given: [null, { extension: [{ url: 'http://example.org/x', valueCoding: coding }] }],
      },
    ],
  }),
  'Encounter.contained.code': (coding) => ({
    resourceType: 'Encounter',
    contained: [{ ...condition(coding), id: 'c' }],
    status: 'finished',
    class: { code: 'AMB' },
    diagnosis: [{ condition: { reference: '#c' } }],
  }),
  'Bundle.entry.resource.code': (coding) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource: { resourceType: 'Patient' } }, { resource: condition(coding) }],
  }),
  'Bundle in a Bundle': (coding) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { resource: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: condition(coding) }] } },
    ],
  }),
  'Parameters.parameter.part.resource': (coding) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'x', part: [{ name: 'y', resource: condition(coding) }] }],
  }),
  'Parameters.parameter.value': (coding) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'x', valueCoding: coding }],
  }),
}
