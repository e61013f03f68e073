// All that claims of an episode of care are made of, read once.
import type { Issue, JsonObject, Resource } from '../../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../repository/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import type { BillingParts } from '../../parts.ts'
import type { Coding, PayerNames, PerformedService, RuleBook, ServiceFacts } from '../../rules/index.ts'
import { partiesOf } from '../parties-of.ts'
import { taxonomiesOf } from '../people.ts'
import { servicesOf } from '../performed-services.ts'
import { jurisdictionsOf, type VisitPlace, visitPlaceOf } from '../places.ts'
import { keyOfResource } from '../references.ts'
import { visitTimesOf } from '../visit-facts.ts'
import { boundsOfMonth, laterOf, monthOf } from './calendar-days.ts'
import { conceptMapOf, SERVICES_OF_LEVELS } from './concept-maps.ts'
import { dayOfVisit, daysOfEpisode, isInpatient } from './episode-days.ts'
import { programOf } from './program-of.ts'
import { drugsOf, type RecordedDrug } from './read-program.ts'
import type { ProgramRecord, Window } from './segments.ts'
import { weeksOf } from './week-segments.ts'

/** What rules know of every day of the episode. */
export type CommonFacts = Pick<ServiceFacts, 'payer' | 'jurisdictions'>

export interface EpisodeRecord extends ProgramRecord {
  readonly patient: Resource
  readonly coverage: Resource
  readonly payer: Resource
  /** Organization or Practitioner that bills, where it is known. */
  readonly provider?: Resource
  readonly providerReference: JsonObject | undefined
  readonly providerElement: string
  readonly book: RuleBook
  readonly common: CommonFacts
  /** Of finished visits whose services count, by `Encounter/[id]`. */
  readonly services: ReadonlyMap<string, readonly PerformedService[]>
  /** `Encounter/[id]` of what a ChargeItem says is not billed. */
  readonly notBilled: ReadonlySet<string>
  readonly drugs: readonly RecordedDrug[]
  /** What drugs and services are taken from beside visits, by `Type/[id]`. */
  readonly sources: ReadonlyMap<string, KnownVersion>
  /** Where the first visit of the window was that says it. */
  readonly place: VisitPlace
  readonly refusals: readonly Issue[]
}

export interface RecordAsked {
  readonly episode: Resource
  readonly patient: Resource
  readonly coverage: Resource
  readonly payer: Resource
  readonly visits: readonly KnownVersion[]
  readonly window: Window
  readonly today: string
  /** Milliseconds since 1970. */
  readonly now: number
}

export async function episodeRecordOf(
  view: WorldView,
  { books, baseUrl }: Pick<BillingParts, 'books' | 'baseUrl'>,
  asked: RecordAsked,
): Promise<EpisodeRecord> {
  const { episode, patient, coverage, payer, visits, window } = asked
  const there = visits.filter((visit) => isFinishedOrOpen(visit) && isIn(visit, window))
  const [book, levels, place] = await Promise.all([
    books.of(view),
    conceptMapOf(view, SERVICES_OF_LEVELS),
    firstPlaceOf(view, there.length > 0 ? there : visits.slice(-1), baseUrl),
  ])
  const managing = objectAt(episode, 'managingOrganization')
  const first = there[0]?.resource ?? visits[0]?.resource
  const providerReference = managing ?? objectAt(first, 'serviceProvider')
  const providerElement = 'EpisodeOfCare.managingOrganization'
  const { provider } = await partiesOf(
    view,
    { patient, coverage, provider: providerReference, providerElement, performers: [], date: window.first },
    baseUrl,
  )
  const common: CommonFacts = {
    payer: payerNamesOf(payer),
    jurisdictions: jurisdictionsOf(place.facility, provider),
  }
  const { begin = window.first } = daysOfEpisode(episode)
  const rules = book.inForce({ ...common, date: laterOf(window.first, begin) })
  const { program, refusals } = programOf(episode, rules, levels)
  const read: ProgramRecord = { episode, program, rules, visits, window, today: asked.today }
  const range = rangeOf(read)
  const done = await doneAt(
    view,
    visits.filter((visit) => visit.resource['status'] === 'finished' && isIn(visit, range)),
    { ...asked, rules, baseUrl },
  )
  const given =
    program.scheme === 'week'
      ? await drugsOf({
          view,
          baseUrl,
          patientId: String(patient['id']),
          contexts: new Set([
            keyOfResource(episode),
            ...visits.map(({ resource }) => keyOfResource(resource)),
          ]),
          ...range,
        })
      : []
  return {
    ...read,
    patient,
    coverage,
    payer,
    ...(provider === undefined ? {} : { provider }),
    providerReference,
    providerElement,
    book,
    common,
    services: done.services,
    notBilled: done.notBilled,
    drugs: given,
    sources: new Map([
      ...given.map(({ record }) => [keyOfResource(record.resource), record] as const),
      ...done.sources.map((source) => [keyOfResource(source.resource), source] as const),
    ]),
    place,
    refusals,
  }
}

/** Visits of a stay may have begun long before. */
function isIn(visit: KnownVersion, { first, last }: Window): boolean {
  const day = dayOfVisit(visit)
  return day !== undefined && day <= last && (isInpatient(visit.resource) || day >= first)
}

function isFinishedOrOpen({ resource: { status } }: KnownVersion): boolean {
  return status === 'finished' || status === 'in-progress' || status === 'onleave'
}

/** The days whose records may be billed: whole weeks, and whole months. */
function rangeOf(record: ProgramRecord): Window {
  const { window, program } = record
  if (program.scheme === 'month')
    return {
      first: boundsOfMonth(monthOf(window.first)).start,
      last: boundsOfMonth(monthOf(window.last)).end,
    }
  if (program.scheme !== 'week') return window
  const weeks = weeksOf(record)
  return { first: weeks[0]?.start ?? window.first, last: weeks.at(-1)?.end ?? window.last }
}

async function firstPlaceOf(
  view: WorldView,
  visits: readonly KnownVersion[],
  baseUrl: string,
): Promise<VisitPlace> {
  for (const { resource } of visits) {
    const found = await visitPlaceOf(view, resource, baseUrl)
    if (found.place !== undefined) return found
  }
  return { atHome: false }
}

interface Done {
  readonly services: ReadonlyMap<string, readonly PerformedService[]>
  readonly notBilled: ReadonlySet<string>
  readonly sources: readonly KnownVersion[]
}

async function doneAt(
  view: WorldView,
  visits: readonly KnownVersion[],
  { rules, baseUrl, now }: Pick<ProgramRecord, 'rules'> & { readonly baseUrl: string; readonly now: number },
): Promise<Done> {
  const recorded = await Promise.all(
    visits.map(async ({ resource: encounter }) => {
      const minutes = visitTimesOf(encounter, now).times?.minutes
      return { encounter, ...(await servicesOf(view, { encounter, minutes, rules, baseUrl })) }
    }),
  )
  const billed = recorded.filter(({ refusals }) => refusals.length === 0)
  return {
    services: new Map(
      billed.map(({ encounter, services }) => [
        keyOfResource(encounter),
        services.map(({ service }) => service),
      ]),
    ),
    notBilled: new Set(
      recorded.filter(({ refusals }) => refusals.length > 0).map(({ encounter }) => keyOfResource(encounter)),
    ),
    sources: billed.flatMap(({ sources }) => sources),
  }
}

/** Taxonomies of who bills. */
export function facilityTaxonomies({ provider }: Pick<EpisodeRecord, 'provider'>): readonly Coding[] {
  return provider === undefined ? [] : taxonomiesOf(provider)
}

function payerNamesOf(payer: Resource): PayerNames {
  return {
    references: [keyOfResource(payer)],
    identifiers: objectsAt(payer, 'identifier').flatMap((identifier) => {
      const [system, value] = [textAt(identifier, 'system'), textAt(identifier, 'value')]
      return value === undefined ? [] : [{ value, ...(system === undefined ? {} : { system }) }]
    }),
  }
}
