// What an institutional claim tells of a stay or program beside its lines: how the patient came, and whereto.
import type { Issue, JsonObject, Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../../elements.ts'
import type { BillRule } from '../../rules/index.ts'
import { keyOfResource } from '../references.ts'
import { conditionCodesOf, type InstitutionalFacts } from './bill-of.ts'
import {
  ADMISSION_TYPE,
  conceptMapOf,
  DISCHARGE_STATUS,
  EPISODE_STATUS,
  mapped,
  POINT_OF_ORIGIN,
} from './concept-maps.ts'
import type { EpisodeRecord } from './episode-record.ts'
import { programProblem } from './program-problems.ts'
import type { Segment } from './segments.ts'

export interface InstitutionalAsked {
  readonly record: EpisodeRecord
  readonly segment: Segment
  readonly bill: BillRule
  readonly frequency: string
  /** Whether the stay or program is over with these days. */
  readonly isLast: boolean
}

export async function institutionalFactsOf(
  view: WorldView,
  asked: InstitutionalAsked,
): Promise<{ readonly facts: InstitutionalFacts; readonly refusals: readonly Issue[] }> {
  const { record, segment, bill, frequency, isLast } = asked
  const { program } = record
  const [types, origins, statuses] = await Promise.all([
    conceptMapOf(view, ADMISSION_TYPE),
    conceptMapOf(view, POINT_OF_ORIGIN),
    conceptMapOf(view, DISCHARGE_STATUS),
  ])
  const visits = visitsOf(record, segment)
  const [first, last] = [visits[0], visits.at(-1)]
  const whereto = isLast ? objectAt(objectAt(last, 'hospitalization'), 'dischargeDisposition') : undefined
  const isUntold = isLast && whereto === undefined
  const dischargeStatus =
    isUntold && segment.stay !== undefined
      ? undefined
      : mapped(statuses, whereto ?? episodeStatus(isLast ? 'finished' : 'active'))
  const admissionType = mapped(types, objectAt(first, 'priority'))
  const pointOfOrigin = mapped(origins, objectAt(objectAt(first, 'hospitalization'), 'admitSource'))
  const level = segment.days.find((day) => day.level !== undefined)?.level ?? program.level
  return {
    facts: {
      bill,
      frequency,
      ...(segment.stay === undefined ? {} : { admission: admissionOf(first, last, isLast) }),
      ...(admissionType === undefined ? {} : { admissionType }),
      ...(pointOfOrigin === undefined ? {} : { pointOfOrigin }),
      ...(dischargeStatus === undefined ? {} : { dischargeStatus }),
      conditionCodes: conditionCodesOf(program.rule, level),
    },
    refusals:
      dischargeStatus === undefined
        ? [
            programProblem(
              'discharge-status-missing',
              'Encounter.hospitalization.dischargeDisposition',
              isUntold
                ? 'The stay is over, and it is not recorded whereto the patient was discharged.'
                : `No discharge status is known for it: give it a coding of the status, or ${DISCHARGE_STATUS} a row.`,
            ),
          ]
        : [],
  }
}

/** Those of the stay; of a program those that tell how the patient came or left. */
function visitsOf({ visits }: EpisodeRecord, { stay }: Segment): readonly Resource[] {
  if (stay !== undefined) return stay.visits.map(({ encounter }) => encounter)
  return visits
    .map(({ resource }) => resource)
    .filter((one) => one['status'] === 'finished' && objectAt(one, 'hospitalization') !== undefined)
}

function episodeStatus(code: string): JsonObject {
  return { coding: [{ system: EPISODE_STATUS, code }] }
}

function admissionOf(
  first: Resource | undefined,
  last: Resource | undefined,
  isLast: boolean,
): NonNullable<InstitutionalFacts['admission']> {
  const start = textAt(objectAt(first, 'period'), 'start')
  const end = isLast ? textAt(objectAt(last, 'period'), 'end') : undefined
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
}

interface Named {
  readonly reference: JsonObject
  /** FHIRPath of the element that names them. */
  readonly element: string
}

/** Whoever attended a stay first, else performed it, else manages the episode, else attended or performed its visits. */
export function attendingOf(record: EpisodeRecord, segment: Segment): Named | undefined {
  const stayed = segment.stay?.visits.map(({ encounter }) => encounter) ?? []
  const billed = new Set(segment.days.flatMap(({ encounters }) => encounters))
  const came = record.visits.map(({ resource }) => resource).filter((one) => billed.has(keyOfResource(one)))
  const manager = objectAt(record.episode, 'careManager')
  return (
    participantOf(stayed, 'ATND') ??
    participantOf(stayed, 'PPRF') ??
    (manager === undefined ? undefined : { reference: manager, element: 'EpisodeOfCare.careManager' }) ??
    participantOf(came, 'ATND') ??
    participantOf(came, 'PPRF')
  )
}

/** The first participant of this type. */
function participantOf(visits: readonly Resource[], type: string): Named | undefined {
  for (const visit of visits)
    for (const [at, participant] of objectsAt(visit, 'participant').entries()) {
      const reference = objectAt(participant, 'individual')
      if (reference !== undefined && objectsAt(participant, 'type').some((one) => hasCode(one, type)))
        return { reference, element: `Encounter.participant[${at}].individual` }
    }
  return undefined
}
