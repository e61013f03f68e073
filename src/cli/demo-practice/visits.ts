// Individual visits: each with its appointment, its encounter, its signed note and who signed it; and the next one.
import type { JsonObject } from '../../fhir/index.ts'
import { later } from './calendar.ts'
import { encounterId, encounterReference, mainCondition, type Chart } from './chart.ts'
import { coding, concept, hl7, loinc, reference, SYSTEM, type Entry } from './concepts.ts'
import { noteText } from './notes.ts'
import { staffName, staffReference, type StaffId } from './staff.ts'

const MINUTES = 45
const START_TIMES = ['09:00', '10:00', '11:00', '13:00', '14:00', '15:00'] as const

/** `column`: which hour of the day the person comes at. */
export function visits(chart: Chart, column: number): Entry[] {
  const clock = START_TIMES[column % START_TIMES.length] ?? '09:00'
  const past = chart.visitDays.flatMap((day, visit) => visitOf(chart, visit, day, clock))
  return [...past, missedOf(chart, clock), nextOf(chart, clock)]
}

function visitOf(chart: Chart, visit: number, day: number, clock: string): Entry[] {
  const { person, calendar, patient, clinic } = chart
  const video = person.visits.byVideo === true && visit > 0
  // The first visit is the evaluation; every fourth one is with who prescribes.
  const kind =
    visit === 0 ? 'evaluation' : person.prescriber !== undefined && visit % 4 === 3 ? 'medication' : 'therapy'
  const who = kind === 'medication' && person.prescriber !== undefined ? person.prescriber : person.therapist
  const minutes = kind === 'evaluation' ? 60 : kind === 'medication' ? 25 : MINUTES
  const period = { start: calendar.time(day, clock), end: calendar.time(day, later(clock, minutes)) }
  const id = encounterId(chart, visit)
  const appointment = appointmentOf(chart, `${id}-appointment`, 'fulfilled', period, who, video)
  const encounter: Entry = {
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: video ? coding(SYSTEM.actCode, 'VR', 'virtual') : coding(SYSTEM.actCode, 'AMB', 'ambulatory'),
    type: [typeOf(kind)],
    subject: patient,
    ...(!chart.inProgram ? {} : { episodeOfCare: [reference('EpisodeOfCare', `${chart.id}-episode`)] }),
    participant: [
      {
        type: [hl7('v3-ParticipationType', 'PPRF', 'primary performer')],
        period,
        individual: staffReference(who),
      },
    ],
    appointment: [reference('Appointment', appointment.id)],
    period,
    length: { value: minutes, unit: 'min', system: SYSTEM.ucum, code: 'min' },
    reasonReference: [mainCondition(chart)],
    location: [{ location: reference('Location', video ? 'video-room' : `${person.clinic}-office`) }],
    serviceProvider: clinic,
  }
  return [appointment, encounter, ...noteOf(chart, visit, day, who, period)]
}

function typeOf(kind: 'evaluation' | 'medication' | 'therapy'): JsonObject {
  switch (kind) {
    case 'evaluation':
      return concept('Diagnostic evaluation', coding(SYSTEM.cpt, '90791'))
    case 'medication':
      return concept('Medication follow-up', coding(SYSTEM.cpt, '99213'))
    case 'therapy':
      return concept('Individual psychotherapy, 45 minutes', coding(SYSTEM.cpt, '90834'))
  }
}

function appointmentOf(
  { person, id: personId, patient }: Chart,
  id: string,
  status: 'fulfilled' | 'booked' | 'noshow',
  { start, end }: { start: string; end: string },
  who: StaffId,
  video: boolean,
): Entry {
  const attends = status === 'booked' ? 'accepted' : status === 'noshow' ? 'declined' : 'accepted'
  const place = video ? 'video-room' : `${person.clinic}-office`
  return {
    resourceType: 'Appointment',
    id,
    status,
    serviceType: [concept('Individual therapy')],
    description: video ? 'Video visit' : 'Office visit',
    start,
    end,
    participant: [
      { actor: patient, required: 'required', status: attends },
      ...(person.guardian === undefined
        ? []
        : [
            {
              actor: reference('RelatedPerson', `${personId}-guardian`),
              required: 'optional',
              status: attends,
            },
          ]),
      { actor: staffReference(who), required: 'required', status: 'accepted' },
      { actor: reference('Location', place), status: 'accepted' },
    ],
  }
}

function noteOf(
  chart: Chart,
  visit: number,
  day: number,
  who: StaffId,
  period: { start: string; end: string },
): Entry[] {
  const { person, calendar, patient, clinic, visitDays } = chart
  const written = calendar.time(day, '17:10')
  const author = staffReference(who)
  const text = `${noteText(person.focus, visit, visitDays.length)}\n\nSigned: ${staffName(who)}\n`
  const note: Entry = {
    resourceType: 'DocumentReference',
    id: `${encounterId(chart, visit)}-note`,
    status: 'current',
    docStatus: 'final',
    type: concept('Progress note', loinc('34904-3', 'Mental health Progress note')),
    category: [
      concept(
        'Clinical note',
        coding(
          'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category',
          'clinical-note',
          'Clinical Note',
        ),
      ),
    ],
    subject: patient,
    date: written,
    author: [author],
    authenticator: author,
    custodian: clinic,
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'en',
          data: Buffer.from(text, 'utf8').toString('base64'),
          title: 'Progress note',
          creation: written,
        },
      },
    ],
    context: { encounter: [encounterReference(chart, visit)], period },
  }
  const provenance: Entry = {
    resourceType: 'Provenance',
    id: `${note.id}-signed`,
    target: [reference('DocumentReference', note.id)],
    occurredDateTime: written,
    recorded: written,
    activity: hl7('v3-DocumentCompletion', 'LA', 'legally authenticated'),
    agent: [
      { type: hl7('provenance-participant-type', 'author', 'Author'), who: author, onBehalfOf: clinic },
    ],
  }
  return [note, provenance]
}

/** Everyone missed one, once. */
function missedOf(chart: Chart, clock: string): Entry {
  const day = chart.calendar.open(chart.began + 3)
  const period = {
    start: chart.calendar.time(day, clock),
    end: chart.calendar.time(day, later(clock, MINUTES)),
  }
  return appointmentOf(
    chart,
    `${chart.id}-missed-appointment`,
    'noshow',
    period,
    chart.person.therapist,
    false,
  )
}

function nextOf(chart: Chart, clock: string): Entry {
  const { person, calendar } = chart
  const day = calendar.open(Math.max(2, person.visits.every - person.visits.lastAgo))
  const on = day < 1 ? day + 7 : day
  const period = { start: calendar.time(on, clock), end: calendar.time(on, later(clock, MINUTES)) }
  return appointmentOf(
    chart,
    `${chart.id}-next-appointment`,
    'booked',
    period,
    person.therapist,
    person.visits.byVideo === true,
  )
}
