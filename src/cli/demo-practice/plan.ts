// What is treated and how: conditions, the goal, the treatment plan, and the team that carries it.
import { conditionId, mainCondition, type Chart } from './chart.ts'
import { coding, concept, hl7, loinc, reference, snomed, SYSTEM, type Entry } from './concepts.ts'
import { diagnosisConcept } from './diagnoses.ts'
import { drugOf } from './drugs.ts'
import { INSTRUMENTS } from './instruments.ts'
import type { Focus } from './people.ts'
import { roleReference, staffReference, staffRole, type StaffId } from './staff.ts'

const APPROACH: Readonly<Record<Focus, readonly [text: string, code: string, display: string]>> = {
  mood: [
    'Cognitive behavioral therapy with activity planning',
    '228557008',
    'Cognitive and behavioral therapy',
  ],
  worry: [
    'Cognitive behavioral therapy with gradual exposure',
    '228557008',
    'Cognitive and behavioral therapy',
  ],
  trauma: ['Trauma-focused therapy with imagery rehearsal', '75516001', 'Psychotherapy'],
  attention: ['Skills coaching with the school, and parent sessions', '75516001', 'Psychotherapy'],
  substance: ['Relapse prevention and motivational interviewing', '75516001', 'Psychotherapy'],
}

export function treatmentPlan(chart: Chart): Entry[] {
  return [...conditionsOf(chart), goalOf(chart), careTeamOf(chart), carePlanOf(chart)]
}

function conditionsOf(chart: Chart): Entry[] {
  const { person, patient, calendar, began } = chart
  return person.diagnoses.map((diagnosis, index) => ({
    resourceType: 'Condition',
    id: conditionId(chart, diagnosis),
    clinicalStatus: hl7('condition-clinical', 'active', 'Active'),
    verificationStatus: hl7('condition-ver-status', 'confirmed', 'Confirmed'),
    category: [hl7('condition-category', 'problem-list-item', 'Problem List Item')],
    code: diagnosisConcept(diagnosis),
    subject: patient,
    onsetDateTime: calendar.day(began - 200 - index * 160).slice(0, 7),
    recordedDate: calendar.day(began),
    // In which clinic it was recorded decides whether it is a record of a Part 2 program.
    recorder: roleReference(person.therapist, person.clinic),
    asserter: staffReference(person.prescriber ?? person.therapist),
  }))
}

/** How far the latest score has come: what `Goal.achievementStatus` says. */
function achievement({ person }: Chart): [code: string, display: string] {
  const scores = person.scores[person.goal.instrument] ?? []
  const [first = 0, last = 0] = [scores[0], scores.at(-1)]
  if (last < person.goal.below) return ['achieved', 'Achieved']
  if (last < first) return ['improving', 'Improving']
  return last > first ? ['worsening', 'Worsening'] : ['no-change', 'No Change']
}

function goalOf(chart: Chart): Entry {
  const { person, id, patient, calendar, began } = chart
  const { score } = INSTRUMENTS[person.goal.instrument]
  const [code, display] = achievement(chart)
  return {
    resourceType: 'Goal',
    id: `${id}-goal`,
    lifecycleStatus: code === 'achieved' ? 'completed' : 'active',
    achievementStatus: hl7('goal-achievement', code, display),
    category: [hl7('goal-category', 'behavioral', 'Behavioral')],
    description: { text: person.goal.text },
    subject: patient,
    startDate: calendar.day(began + 7),
    target: [
      {
        measure: concept(score.display, loinc(score.code, score.display)),
        detailQuantity: {
          value: person.goal.below,
          comparator: '<',
          unit: 'score',
          system: SYSTEM.ucum,
          code: '{score}',
        },
        dueDate: calendar.day(began + 180),
      },
    ],
    statusDate: calendar.day(-person.visits.lastAgo),
    expressedBy: patient,
    addresses: [mainCondition(chart)],
  }
}

function careTeamOf({ person, id, patient, clinic, calendar, began }: Chart): Entry {
  const nurse: readonly StaffId[] = person.clinic === 'copper-ridge' ? ['ines-carvalho'] : []
  const members = [
    person.therapist,
    ...(person.prescriber === undefined ? [] : [person.prescriber]),
    ...nurse,
  ]
  return {
    resourceType: 'CareTeam',
    id: `${id}-care-team`,
    status: 'active',
    category: [
      concept(
        'Longitudinal care team',
        loinc('LA27976-2', 'Longitudinal care-coordination focused care team'),
      ),
    ],
    name: `Care team of ${person.given} ${person.family}`,
    subject: patient,
    period: { start: calendar.day(began) },
    participant: [
      ...members.map((it) => ({
        role: [concept(staffRole(it))],
        member: staffReference(it),
        onBehalfOf: clinic,
      })),
      ...(person.guardian === undefined
        ? []
        : [{ role: [concept('Parent')], member: reference('RelatedPerson', `${id}-guardian`) }]),
    ],
    managingOrganization: [clinic],
  }
}

function carePlanOf(chart: Chart): Entry {
  const { person, id, patient, calendar, began } = chart
  const [approach, code, display] = APPROACH[person.focus]
  const performer = [staffReference(person.therapist)]
  const period = { start: calendar.day(began + 7), end: calendar.day(began + 187) }
  const weeks = person.visits.every / 7
  return {
    resourceType: 'CarePlan',
    id: `${id}-care-plan`,
    status: 'active',
    intent: 'plan',
    category: [
      concept(
        'Mental health treatment plan',
        coding(
          'http://hl7.org/fhir/us/core/CodeSystem/careplan-category',
          'assess-plan',
          'Assessment and Plan of Treatment',
        ),
      ),
    ],
    title: 'Treatment plan',
    description: `${approach}; reviewed every 90 days.`,
    subject: patient,
    period,
    created: calendar.day(began + 7),
    author: staffReference(person.therapist),
    careTeam: [reference('CareTeam', `${id}-care-team`)],
    addresses: person.diagnoses.map((it) => reference('Condition', conditionId(chart, it))),
    goal: [reference('Goal', `${id}-goal`, person.goal.text)],
    activity: [
      {
        detail: {
          kind: 'ServiceRequest',
          code: concept(approach, snomed(code, display)),
          status: 'in-progress',
          doNotPerform: false,
          scheduledTiming: {
            repeat: { boundsPeriod: period, frequency: 1, period: weeks, periodUnit: 'wk' },
          },
          performer,
        },
      },
      ...(person.group === undefined
        ? []
        : [
            {
              detail: {
                kind: 'ServiceRequest',
                code: concept('Group therapy', snomed('76168009', 'Group psychotherapy')),
                status: 'in-progress',
                scheduledTiming: {
                  repeat: { boundsPeriod: period, frequency: 1, period: 1, periodUnit: 'wk' },
                },
              },
            },
          ]),
      ...person.drugs.map((drug) => ({
        detail: {
          kind: 'MedicationRequest',
          code: concept(drugOf(drug).text),
          status: 'in-progress',
          ...(person.prescriber === undefined ? {} : { performer: [staffReference(person.prescriber)] }),
        },
      })),
    ],
  }
}
