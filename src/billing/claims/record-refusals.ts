// What stands against a claim in the record of a visit itself, whoever pays.
import type { Issue, Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { objectAt } from '../elements.ts'
import type { BillingParts } from '../parts.ts'
import type { ClaimType } from './claim-plan.ts'
import { signedNotesOf, type VisitNotes } from './notes.ts'
import { type FoundParties, partiesOf } from './parties-of.ts'
import { type FoundServices, servicesOf } from './performed-services.ts'
import {
  diagnosesOfVisit,
  type FoundDiagnoses,
  planDiagnoses,
  type PlannedDiagnoses,
} from './plan-diagnoses.ts'
import { problem } from './problems.ts'
import { keyOfResource } from './references.ts'
import { performersOf } from './visit-facts.ts'
import { isOfProgram, nothingBilled } from './visit-of-program.ts'

export interface JudgedRecord {
  readonly notes: VisitNotes
  readonly found: FoundDiagnoses
  readonly diagnosis: PlannedDiagnoses
  readonly parties: FoundParties
  readonly services: FoundServices
}

export function recordRefusals({
  notes,
  found,
  diagnosis,
  parties,
  services,
}: JudgedRecord): readonly Issue[] {
  return [
    ...notes.refusals,
    ...found.refusals,
    // Of diagnoses that lead nowhere enough is said by that.
    ...(found.refusals.length > 0 && found.found.length === 0 ? [] : diagnosis.refusals),
    ...parties.refusals,
    ...(parties.people.length > 0 || parties.refusals.some(isAbout('rendering-missing'))
      ? []
      : [
          problem(
            'rendering-missing',
            'Encounter.participant',
            'Nobody is said to have rendered it: PPRF or ATND.',
          ),
        ]),
    ...services.refusals,
  ]
}

export interface IncompleteVisit {
  readonly visit: KnownVersion
  readonly patient: Resource
  /** Day of service, as far as it is known. */
  readonly date: string
  readonly type: ClaimType
}

/** Of a visit whose day or payer is not known: so that all is told at once. */
export async function refusalsOfRecord(
  view: WorldView,
  { baseUrl, books, diagnoses }: Pick<BillingParts, 'baseUrl' | 'books' | 'diagnoses'>,
  { visit, patient, date, type }: IncompleteVisit,
): Promise<readonly Issue[]> {
  const { resource: encounter } = visit
  const key = keyOfResource(patient)
  const [notes, found, parties, book] = await Promise.all([
    signedNotesOf(view, visit.id, key, baseUrl),
    diagnosesOfVisit(view, encounter, key, baseUrl),
    partiesOf(
      view,
      {
        patient,
        coverage: { resourceType: 'Coverage' },
        provider: objectAt(encounter, 'serviceProvider'),
        providerElement: 'Encounter.serviceProvider',
        performers: performersOf(encounter),
        date,
      },
      baseUrl,
    ),
    books.of(view),
  ])
  const rules = book.inForce({ date })
  const services = await servicesOf(view, { encounter, minutes: undefined, rules, baseUrl })
  const diagnosis = planDiagnoses(found.found, { date, type, list: diagnoses })
  return [
    ...recordRefusals({ notes, found, diagnosis, parties, services }).filter(
      (issue) => !isAbout('payer-missing')(issue),
    ),
    ...(services.services.length > 0
      ? []
      : [nothingBilled(await isOfProgram(view, encounter, rules, baseUrl))]),
  ]
}

function isAbout(code: string): (issue: Issue) => boolean {
  return ({ details }) => details?.code === code
}
