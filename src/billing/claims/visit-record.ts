// All that a claim of one visit is made of, read once.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import type { BillingParts } from '../parts.ts'
import type { RulesInForce, ServiceFacts } from '../rules/index.ts'
import { programFactsOf } from './episode-facts.ts'
import { participantsOf } from './group-session.ts'
import { signedNotesOf, type VisitNotes } from './notes.ts'
import { type FoundParties, partiesOf } from './parties-of.ts'
import { type FoundServices, servicesOf } from './performed-services.ts'
import { jurisdictionsOf, visitPlaceOf } from './places.ts'
import { diagnosesOfVisit, type FoundDiagnoses } from './plan-diagnoses.ts'
import { keyOfResource } from './references.ts'
import { modalityOf, performersOf, type VisitTimes } from './visit-facts.ts'
import { labelsOfResource } from './source-labels.ts'
import { providerLevelOf } from './people.ts'

export interface VisitAsked {
  /** The Encounter. */
  readonly visit: KnownVersion
  readonly patient: Resource
  readonly coverage: Resource
  readonly payer: Resource
  readonly times: VisitTimes
}

export interface VisitRecord {
  readonly notes: VisitNotes
  readonly diagnoses: FoundDiagnoses
  readonly parties: FoundParties
  readonly services: FoundServices
  readonly rules: RulesInForce
  /** For the rules, without what was billed before. */
  readonly facts: ServiceFacts
  /** What the claim is made of beside the visit: notes, conditions, procedures. */
  readonly sources: readonly Resource[]
  /** All labels of the visit and of what it is billed by. */
  readonly labels: readonly JsonObject[]
}

export async function visitRecordOf(
  view: WorldView,
  { baseUrl, books }: Pick<BillingParts, 'baseUrl' | 'books'>,
  asked: VisitAsked,
): Promise<VisitRecord> {
  const { patient, coverage, payer, times } = asked
  const { resource: encounter } = asked.visit
  const patientKey = keyOfResource(patient)
  const provider = objectAt(encounter, 'serviceProvider')
  const [notes, diagnoses, place, programs, participants, book] = await Promise.all([
    signedNotesOf(view, String(encounter['id']), patientKey, baseUrl),
    diagnosesOfVisit(view, encounter, patientKey, baseUrl),
    visitPlaceOf(view, encounter, baseUrl),
    programFactsOf(view, encounter, baseUrl),
    participantsOf(view, encounter, baseUrl),
    books.of(view),
  ])
  const performers = performersOf(encounter)
  const parties = await partiesOf(
    view,
    {
      patient,
      coverage,
      provider,
      providerElement: 'Encounter.serviceProvider',
      performers,
      date: times.date,
      ...(place.facility === undefined ? {} : { facility: place.facility }),
    },
    baseUrl,
  )
  const payerNames = {
    references: [keyOfResource(payer)],
    identifiers: identifiersOf(payer),
  }
  const jurisdictions = jurisdictionsOf(place.facility, parties.provider)
  const scope = { date: times.date, payer: payerNames, jurisdictions }
  const rules = book.inForce(scope)
  const services = await servicesOf(view, { encounter, minutes: times.minutes, rules, baseUrl })
  const sources = [
    ...notes.notes.map(({ resource }) => resource),
    ...diagnoses.found.map(({ condition }) => condition.resource),
    ...services.sources.map(({ resource }) => resource),
  ]
  const [rendering] = parties.people
  const level = rendering === undefined ? undefined : providerLevelOf(rendering)
  return {
    notes,
    diagnoses,
    parties,
    services,
    rules,
    facts: {
      ...scope,
      services: services.services.map(({ service }) => service),
      modality: modalityOf(encounter),
      atHome: place.atHome,
      programs: programs.programs,
      taxonomies: parties.taxonomies,
      resources: { encounter, patient, coverage, payer },
      ...(place.place === undefined ? {} : { place: place.place }),
      ...(participants === undefined ? {} : { participants }),
      ...(programs.levelOfCare === undefined ? {} : { levelOfCare: programs.levelOfCare }),
      ...(level === undefined ? {} : { providerLevel: level }),
    },
    sources,
    labels: [encounter, ...sources].flatMap(labelsOfResource),
  }
}

function identifiersOf(payer: Resource): readonly { readonly system?: string; readonly value: string }[] {
  return objectsAt(payer, 'identifier').flatMap((identifier) => {
    const [system, value] = [textAt(identifier, 'system'), textAt(identifier, 'value')]
    return value === undefined ? [] : [{ value, ...(system === undefined ? {} : { system }) }]
  })
}
