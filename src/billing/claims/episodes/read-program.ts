// What is recorded of an episode of care: its visits, and the drugs that were given in it.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../repository/index.ts'
import { and, dateMatch, localReferenceMatch, searchQuery } from '../../../store/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import { codingsOf } from '../people.ts'
import { keyOfResource, localKeyOf, referenced } from '../references.ts'
import { addDays, dayOf } from './calendar-days.ts'
import type { GivenDrug } from './given-drugs.ts'

/** Far above the visits of one episode, and the doses of one window. */
const MOST_VISITS = 10_000
const MOST_DOSES = 5_000
/** Days written with an offset may be others in UTC. */
const ZONES = 86_400_000

/** Visits of the patient in this episode, whatever their status, the first first; sessions of groups are not of a patient. */
export async function visitsOf(
  view: WorldView,
  episodeId: string,
  patientKey: string,
  baseUrl: string,
): Promise<readonly KnownVersion[]> {
  const where = localReferenceMatch('episode-of-care', ['EpisodeOfCare'], episodeId)
  const found = await view.every(searchQuery({ type: 'Encounter', where: and([where]) }), MOST_VISITS)
  return found
    .filter(({ resource }) => localKeyOf(objectAt(resource, 'subject'), baseUrl) === patientKey)
    .toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
}

function orderOf({ resource, id }: KnownVersion): string {
  return `${textAt(objectAt(resource, 'period'), 'start') ?? ''}\n${id}`
}

export interface RecordedDrug extends GivenDrug {
  readonly record: KnownVersion
}

export interface DrugsSource {
  readonly view: WorldView
  readonly baseUrl: string
  readonly patientId: string
  /** `Type/[id]` of the episode and its visits: what names another as its context is not of it. */
  readonly contexts: ReadonlySet<string>
  /** Days, `YYYY-MM-DD`, both included. */
  readonly first: string
  readonly last: string
}

/** Drugs that were given, and those handed over to take home, in order of days. */
export async function drugsOf(source: DrugsSource): Promise<readonly RecordedDrug[]> {
  const [given, taken] = await Promise.all([
    recordsOf(source, 'MedicationAdministration', 'effective-time'),
    recordsOf(source, 'MedicationDispense', 'whenhandedover'),
  ])
  const drugs = await Promise.all([
    ...given.map((one) => drugOf(source, one, effectiveDay(one.resource))),
    ...taken.map((one) => drugOf(source, one, dayOf(textAt(one.resource, 'whenHandedOver')))),
  ])
  return drugs
    .filter((drug) => drug !== undefined)
    .filter(({ date }) => date >= source.first && date <= source.last)
    .toSorted((one, other) => (`${one.date}\n${one.source}` < `${other.date}\n${other.source}` ? -1 : 1))
}

async function recordsOf(source: DrugsSource, type: string, date: string): Promise<readonly KnownVersion[]> {
  const { view, patientId, contexts, baseUrl, first, last } = source
  const range = { low: Date.parse(first) - ZONES, high: Date.parse(addDays(last, 1)) + ZONES }
  const where = and([
    localReferenceMatch('patient', ['Patient'], patientId),
    dateMatch(date, { comparator: 'ap', ...range }),
  ])
  const found = await view.every(searchQuery({ type, where }), MOST_DOSES)
  return found.filter(({ resource }) => {
    const context = localKeyOf(objectAt(resource, 'context'), baseUrl)
    return resource['status'] === 'completed' && (context === undefined || contexts.has(context))
  })
}

function effectiveDay(administration: Resource): string | undefined {
  return dayOf(
    textAt(administration, 'effectiveDateTime') ??
      textAt(objectAt(administration, 'effectivePeriod'), 'start'),
  )
}

async function drugOf(
  { view, baseUrl }: DrugsSource,
  known: KnownVersion,
  date: string | undefined,
): Promise<RecordedDrug | undefined> {
  if (date === undefined) return undefined
  const record = known.resource
  const reference = objectAt(record, 'medicationReference')
  const medication =
    containedOf(record, reference) ?? (await referenced(view, reference, baseUrl, ['Medication']))?.resource
  const concepts = [
    objectAt(record, 'medicationCodeableConcept'),
    objectAt(medication, 'code'),
    ...objectsAt(medication, 'ingredient').map((one) => objectAt(one, 'itemCodeableConcept')),
  ]
  const isTaken = record.resourceType === 'MedicationDispense'
  const supply = objectAt(record, 'daysSupply')?.['value']
  const dosages = isTaken ? objectsAt(record, 'dosageInstruction') : [objectAt(record, 'dosage')]
  return {
    date,
    record: known,
    source: keyOfResource(record),
    codings: concepts.flatMap((concept) => codingsOf(concept)),
    routes: dosages.flatMap((dosage) => codingsOf(objectAt(dosage, 'route'))),
    ...(isTaken ? { supplyDays: typeof supply === 'number' && supply > 0 ? supply : 1 } : {}),
  }
}

function containedOf(record: Resource, reference: JsonObject | undefined): JsonObject | undefined {
  const id = textAt(reference, 'reference')
  return id?.startsWith('#') === true
    ? objectsAt(record, 'contained').find((one) => one['id'] === id.slice(1))
    : undefined
}
