// Group therapy: a roster and sessions that only the staff see whole; for each member an encounter, a note and an
// appointment of their own, none of which names another member.
import { later, type Calendar } from './calendar.ts'
import { mainCondition, type Chart } from './chart.ts'
import { coding, concept, loinc, reference, snomed, SYSTEM, type Entry } from './concepts.ts'
import { GROUP_NOTE, OWN_PART } from './notes.ts'
import { CLINIC_NAME, type ClinicId } from './organizations.ts'
import { staffName, staffReference, type StaffId } from './staff.ts'

interface GroupTherapy {
  readonly id: 'coping' | 'recovery'
  readonly name: string
  readonly clinic: ClinicId
  readonly service: string
  readonly leader: StaffId
  readonly clock: string
}

const GROUPS: readonly GroupTherapy[] = [
  {
    id: 'coping',
    name: 'Coping skills group',
    clinic: 'juniper-wells',
    service: 'group-therapy',
    leader: 'renee-tsosie',
    clock: '17:30',
  },
  {
    id: 'recovery',
    name: 'Early recovery group',
    clinic: 'copper-ridge',
    service: 'recovery-group',
    leader: 'marcus-bell',
    clock: '18:00',
  },
]

const SESSIONS = 4
const MINUTES = 75

export function groupTherapy(charts: readonly Chart[], calendar: Calendar): Entry[] {
  return GROUPS.flatMap((group) => {
    const members = charts.filter(({ person }) => person.group === group.id)
    const sessions = Array.from({ length: SESSIONS }, (_, session) =>
      sessionOf(group, session, members, calendar, calendar.open(-6 - 7 * (SESSIONS - 1 - session))),
    )
    const next = calendar.open(4) > 0 ? calendar.open(4) : 5
    return [
      rosterOf(group, members, calendar),
      ...sessions.flat(),
      ...members.map((member) => appointmentOf(group, member, calendar, next)),
    ]
  })
}

/** For the staff: who the members are is told to nobody else. */
const STAFF_ONLY = { security: [coding(SYSTEM.confidentiality, 'R', 'restricted')] }

function rosterOf({ id, name, clinic }: GroupTherapy, members: readonly Chart[], calendar: Calendar): Entry {
  return {
    resourceType: 'Group',
    id: `${id}-group`,
    meta: STAFF_ONLY,
    active: true,
    type: 'person',
    actual: true,
    code: concept('Therapy group', snomed('76168009', 'Group psychotherapy')),
    name,
    quantity: members.length,
    managingEntity: reference('Organization', clinic, CLINIC_NAME[clinic]),
    member: members.map(({ patient }) => ({
      entity: patient,
      period: { start: calendar.day(-6 - 7 * SESSIONS) },
      inactive: false,
    })),
  }
}

function sessionOf(
  group: GroupTherapy,
  session: number,
  members: readonly Chart[],
  calendar: Calendar,
  day: number,
): Entry[] {
  const period = {
    start: calendar.time(day, group.clock),
    end: calendar.time(day, later(group.clock, MINUTES)),
  }
  const id = `${group.id}-group-session-${session + 1}`
  const common = {
    status: 'finished',
    class: coding(SYSTEM.actCode, 'AMB', 'ambulatory'),
    serviceType: concept(group.name),
    participant: [{ period, individual: staffReference(group.leader) }],
    period,
    location: [{ location: reference('Location', `${group.clinic}-group-room`) }],
    serviceProvider: reference('Organization', group.clinic, CLINIC_NAME[group.clinic]),
  }
  const whole: Entry = {
    resourceType: 'Encounter',
    id,
    meta: STAFF_ONLY,
    ...common,
    subject: reference('Group', `${group.id}-group`, group.name),
  }
  return [
    whole,
    ...members.flatMap((member, place) => attendanceOf(group, session, member, place, whole, common)),
  ]
}

function attendanceOf(
  group: GroupTherapy,
  session: number,
  member: Chart,
  place: number,
  whole: Entry,
  common: { readonly period: { readonly start: string; readonly end: string } } & Record<string, unknown>,
): Entry[] {
  // Each member stays away once or never.
  const absent = session === place && place % 2 === 1
  const { participant: _, status: __, ...shared } = common
  const encounter = {
    resourceType: 'Encounter',
    id: `${member.id}-${whole.id}`,
    ...shared,
    status: absent ? 'cancelled' : 'finished',
    type: [concept('Group psychotherapy', coding(SYSTEM.cpt, '90853'))],
    subject: member.patient,
    ...(!member.inProgram ? {} : { episodeOfCare: [reference('EpisodeOfCare', `${member.id}-episode`)] }),
    participant: [{ individual: staffReference(group.leader) }],
    reasonReference: [mainCondition(member)],
    partOf: reference('Encounter', whole.id),
  } as Entry
  return absent ? [encounter] : [encounter, noteOf(group, session, member, place, encounter, common.period)]
}

function noteOf(
  group: GroupTherapy,
  session: number,
  member: Chart,
  place: number,
  encounter: Entry,
  period: { readonly start: string; readonly end: string },
): Entry {
  const shared = GROUP_NOTE[group.id][session % SESSIONS] ?? ''
  const own = OWN_PART[(session + place) % OWN_PART.length] ?? ''
  const text = `${shared}\n${own}\n\nSigned: ${staffName(group.leader)}\n`
  const author = staffReference(group.leader)
  return {
    resourceType: 'DocumentReference',
    id: `${encounter.id}-note`,
    status: 'current',
    docStatus: 'final',
    type: concept('Group progress note', loinc('34904-3', 'Mental health Progress note')),
    subject: member.patient,
    date: period.end,
    author: [author],
    authenticator: author,
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'en',
          data: Buffer.from(text, 'utf8').toString('base64'),
          title: 'Group progress note',
          creation: period.end,
        },
      },
    ],
    context: { encounter: [reference('Encounter', encounter.id)], period },
  }
}

/** One appointment a member: in a common one each would see who else comes. */
function appointmentOf(group: GroupTherapy, member: Chart, calendar: Calendar, day: number): Entry {
  return {
    resourceType: 'Appointment',
    id: `${member.id}-next-group-session`,
    status: 'booked',
    serviceType: [concept(group.name)],
    description: group.name,
    start: calendar.time(day, group.clock),
    end: calendar.time(day, later(group.clock, MINUTES)),
    participant: [
      { actor: member.patient, required: 'required', status: 'accepted' },
      { actor: reference('HealthcareService', group.service, group.name), status: 'accepted' },
      { actor: staffReference(group.leader), status: 'accepted' },
    ],
  }
}
