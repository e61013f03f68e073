// Prescriptions, what is given at the clinic, the treatment episode of those on medication for addiction, and its tests.
import { encounterReference, mainCondition, type Chart } from './chart.ts'
import { coding, concept, hl7, loinc, reference, snomed, SYSTEM, type Entry } from './concepts.ts'
import { drugConcept, drugOf, routeConcept, type DrugId } from './drugs.ts'
import { staffReference } from './staff.ts'

const NURSE = 'ines-carvalho'

export function medications(chart: Chart): Entry[] {
  const { person } = chart
  return [
    ...episodeOf(chart),
    ...person.drugs.map((drug) => prescriptionOf(chart, drug)),
    ...(person.drugs.includes('buprenorphineNaloxone') ? [...inductionOf(chart), ...drugTestsOf(chart)] : []),
    ...(person.drugs.includes('naltrexoneInjection') ? injectionsOf(chart) : []),
  ]
}

/** For the labelled clinic only; before the visits, which refer to it. */
export function episodeOf({ person, id, patient, clinic, calendar, began, inProgram }: Chart): Entry[] {
  if (!inProgram) return []
  return [
    {
      resourceType: 'EpisodeOfCare',
      id: `${id}-episode`,
      status: 'active',
      statusHistory: [
        { status: 'planned', period: { start: calendar.day(began - 4), end: calendar.day(began) } },
        { status: 'active', period: { start: calendar.day(began) } },
      ],
      type: [
        {
          coding: [
            coding(
              'http://terminology.hl7.org/CodeSystem/episodeofcare-type',
              'da',
              'Drug and alcohol rehabilitation',
            ),
          ],
          text: person.drugs.includes('buprenorphineNaloxone')
            ? 'Office-based opioid treatment'
            : 'Outpatient substance use treatment',
        },
      ],
      patient,
      managingOrganization: clinic,
      period: { start: calendar.day(began) },
      careManager: staffReference(person.therapist),
    },
  ]
}

function prescriptionId(chart: Chart, drug: DrugId): string {
  return `${chart.id}-${drug.toLowerCase()}`
}

function prescriptionOf(chart: Chart, drug: DrugId): Entry {
  const { person, patient, calendar, began } = chart
  const { instruction, dose, repeat } = drugOf(drug)
  return {
    resourceType: 'MedicationRequest',
    id: prescriptionId(chart, drug),
    status: 'active',
    intent: 'order',
    category: [
      hl7('medicationrequest-category', drug === 'naltrexoneInjection' ? 'outpatient' : 'community'),
    ],
    medicationCodeableConcept: drugConcept(drug),
    subject: patient,
    encounter: encounterReference(chart, 0),
    authoredOn: calendar.time(began, '16:20'),
    requester: staffReference(person.prescriber ?? person.therapist),
    reasonReference: [mainCondition(chart)],
    dosageInstruction: [
      {
        text: instruction,
        timing: { repeat },
        route: routeConcept(drug),
        doseAndRate: [{ doseQuantity: { ...dose, system: SYSTEM.ucum } }],
      },
    ],
    dispenseRequest: {
      numberOfRepeatsAllowed: drug === 'buprenorphineNaloxone' || drug === 'methylphenidate' ? 0 : 3,
      expectedSupplyDuration: {
        value: drug === 'buprenorphineNaloxone' ? 7 : 30,
        unit: 'days',
        system: SYSTEM.ucum,
        code: 'd',
      },
    },
  }
}

function administration(
  chart: Chart,
  drug: DrugId,
  id: string,
  when: string,
  given: string,
  value: number,
): Entry {
  const { patient } = chart
  return {
    resourceType: 'MedicationAdministration',
    id,
    status: 'completed',
    category: hl7('medication-admin-category', 'outpatient', 'Outpatient'),
    medicationCodeableConcept: drugConcept(drug),
    subject: patient,
    effectiveDateTime: when,
    performer: [{ actor: staffReference(NURSE) }],
    request: reference('MedicationRequest', prescriptionId(chart, drug)),
    dosage: {
      text: given,
      route: routeConcept(drug),
      dose: { value, unit: 'mg', system: SYSTEM.ucum, code: 'mg' },
    },
  }
}

/** The first days of buprenorphine are taken under the nurse's eyes, the dose rising. */
function inductionOf(chart: Chart): Entry[] {
  return [4, 8, 8, 12, 16].map((milligrams, index) =>
    administration(
      chart,
      'buprenorphineNaloxone',
      `${chart.id}-induction-day-${index + 1}`,
      chart.calendar.time(chart.began + index, '08:15'),
      `${milligrams} mg of buprenorphine under the tongue, watched; withdrawal settled within the hour.`,
      milligrams,
    ),
  )
}

function injectionsOf(chart: Chart): Entry[] {
  const count = Math.floor(-chart.began / 28) + 1
  return Array.from({ length: count }, (_, index) =>
    administration(
      chart,
      'naltrexoneInjection',
      `${chart.id}-injection-${index + 1}`,
      chart.calendar.time(chart.calendar.open(chart.began + index * 28), '16:40'),
      '380 mg into the gluteal muscle; watched for 30 minutes, no reaction.',
      380,
    ),
  )
}

/** Urine tests every other visit: the medication is there, and in time nothing else. */
function drugTestsOf(chart: Chart): Entry[] {
  const { person, patient, calendar, visitDays } = chart
  const tests = [
    ['buprenorphine', '3414-0', 'Buprenorphine [Presence] in Urine', () => true],
    ['opiates', '3879-4', 'Opiates [Presence] in Urine', (visit: number) => visit < 3],
  ] as const
  return visitDays.flatMap((day, visit) =>
    visit % 2 === 1
      ? []
      : tests.map(([name, code, display, found]): Entry => {
          const present = name === 'buprenorphine' ? visit > 0 && found() : found(visit)
          return {
            resourceType: 'Observation',
            id: `${chart.id}-visit-${visit + 1}-urine-${name}`,
            status: 'final',
            category: [hl7('observation-category', 'laboratory', 'Laboratory')],
            code: concept(`Urine ${name}`, loinc(code, display)),
            subject: patient,
            encounter: encounterReference(chart, visit),
            effectiveDateTime: calendar.time(day, '08:30'),
            performer: [staffReference(NURSE)],
            valueCodeableConcept: present
              ? concept('Detected', snomed('260373001', 'Detected'))
              : concept('Not detected', snomed('260415000', 'Not detected')),
            note: [
              {
                text: `Cup test at the clinic, read by the nurse for ${staffReference(person.therapist).display}.`,
              },
            ],
          }
        }),
  )
}
