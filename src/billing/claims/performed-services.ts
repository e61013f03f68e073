// What was done at a visit: by its own word, and by procedures, charges and scored assessments that were recorded at it.
import type { Issue, JsonObject, Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { type Coding, keyOf, type PerformedService, type RulesInForce } from '../rules/index.ts'
import { SYSTEMS } from '../systems.ts'
import { codingOf, codingsOf } from './people.ts'
import { problem } from './problems.ts'
import { keyOfResource, localKeyOf } from './references.ts'
import { BILLABLE_SERVICES, LEVELS_OF_CARE, PERFORMED_SERVICE } from './urls.ts'
import { isKeptApart } from './notes.ts'
import { minutesBetween } from './visit-facts.ts'

export interface FoundService {
  readonly service: PerformedService
  /** FHIRPath of what says so. */
  readonly element: string
}

export interface FoundServices {
  readonly services: readonly FoundService[]
  /** What says so beside the visit. */
  readonly sources: readonly KnownVersion[]
  /** Why the visit is not billed at all. */
  readonly refusals: readonly Issue[]
}

/** Far above what is recorded at one visit. */
const MOST_RECORDED = 2000
/** The kind of `CodeSystem/billable-services` of scored assessments. */
const INSTRUMENTS: Coding = { system: BILLABLE_SERVICES, code: 'brief-instrument' }

export interface ServicesAsked {
  readonly encounter: Resource
  /** Whole minutes of the visit. */
  readonly minutes: number | undefined
  /** For the day and payer: what no rule knows is not taken for a service. */
  readonly rules: RulesInForce
  readonly baseUrl: string
}

export async function servicesOf(view: WorldView, asked: ServicesAsked): Promise<FoundServices> {
  const { encounter, baseUrl } = asked
  const [procedures, charges, responses, results] = await Promise.all([
    recorded(view, 'Procedure', 'encounter', encounter),
    recorded(view, 'ChargeItem', 'context', encounter),
    recorded(view, 'QuestionnaireResponse', 'encounter', encounter),
    recorded(view, 'Observation', 'encounter', encounter),
  ])
  const refused = charges.filter(({ resource }) => resource['status'] === 'not-billable')
  const own = ownServices(asked)
  const taken = new Set(own.flatMap(({ service }) => service.codings.map(keyOf)))
  const beside = [
    ...procedures.flatMap((one) => procedureService(one, asked)),
    ...charges.flatMap((one) => chargeService(one, asked)),
  ].filter(({ service }) => !service.codings.some((coding) => taken.has(keyOf(coding))))
  const scored = taken.has(keyOf(INSTRUMENTS)) ? [] : scoredOf(responses, results, baseUrl)
  return {
    services: [
      ...own,
      ...beside.map(({ service, element }) => ({ service, element })),
      ...(scored.length === 0
        ? []
        : [
            {
              service: { codings: [INSTRUMENTS], quantity: instrumentsOf(scored) },
              element: 'QuestionnaireResponse.questionnaire',
            },
          ]),
    ],
    sources: [...beside.map(({ source }) => source), ...scored],
    refusals:
      refused.length === 0
        ? []
        : [problem('not-billable', 'ChargeItem.status', 'A ChargeItem says that the visit is not billed.')],
  }
}

async function recorded(
  view: WorldView,
  type: string,
  param: string,
  encounter: Resource,
): Promise<readonly KnownVersion[]> {
  const where = and([localReferenceMatch(param, ['Encounter'], String(encounter['id']))])
  const found = await view.every(searchQuery({ type, where }), MOST_RECORDED)
  return found
    .filter(({ resource }) => !isKeptApart(resource))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

/** What the visit says by its extensions; else its types, each with the minutes of the visit. */
function ownServices(asked: ServicesAsked): readonly FoundService[] {
  const { encounter } = asked
  const stated = objectsAt(encounter, 'extension').flatMap((extension, at) =>
    extension['url'] === PERFORMED_SERVICE ? [{ extension, element: `Encounter.extension[${at}]` }] : [],
  )
  if (stated.length > 0) return stated.flatMap(({ extension, element }) => statedService(extension, element))
  return objectsAt(encounter, 'type').flatMap((type, at) => {
    const codings = serviceCodings(type, asked)
    if (codings.length === 0) return []
    const { minutes } = asked
    return [{ service: serviceOf(codings, minutes, undefined), element: `Encounter.type[${at}]` }]
  })
}

function statedService(extension: JsonObject, element: string): readonly FoundService[] {
  const parts = objectsAt(extension, 'extension')
  const codings = parts.flatMap((part) =>
    part['url'] === 'service' ? (codingOf(objectAt(part, 'valueCoding')) ?? []) : [],
  )
  const whole = (name: string): number | undefined => {
    const value = parts.find(({ url }) => url === name)?.['valuePositiveInt']
    return typeof value === 'number' ? value : undefined
  }
  if (codings.length === 0) return []
  return [{ service: serviceOf(onceEach(codings), whole('minutes'), whole('quantity')), element }]
}

type Recorded = FoundService & { readonly source: KnownVersion }

function procedureService(source: KnownVersion, asked: ServicesAsked): readonly Recorded[] {
  const { resource } = source
  const codings = resource['status'] === 'completed' ? serviceCodings(objectAt(resource, 'code'), asked) : []
  if (codings.length === 0) return []
  const period = objectAt(resource, 'performedPeriod')
  const minutes = minutesBetween(textAt(period, 'start'), textAt(period, 'end'))
  return [{ service: serviceOf(codings, minutes, undefined), element: 'Procedure.code', source }]
}

function chargeService(source: KnownVersion, asked: ServicesAsked): readonly Recorded[] {
  const { resource } = source
  const codings = resource['status'] === 'billable' ? serviceCodings(objectAt(resource, 'code'), asked) : []
  if (codings.length === 0) return []
  const value = objectAt(resource, 'quantity')?.['value']
  const quantity = typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
  return [{ service: serviceOf(codings, undefined, quantity), element: 'ChargeItem.code', source }]
}

/** Completed ones from which an Observation was derived. */
function scoredOf(
  responses: readonly KnownVersion[],
  results: readonly KnownVersion[],
  baseUrl: string,
): readonly KnownVersion[] {
  const derived = new Set(
    results
      .filter(({ resource }) => resource['status'] === 'final' || resource['status'] === 'amended')
      .flatMap(({ resource }) => objectsAt(resource, 'derivedFrom').map((one) => localKeyOf(one, baseUrl))),
  )
  return responses.filter(
    ({ resource }) =>
      (resource['status'] === 'completed' || resource['status'] === 'amended') &&
      derived.has(keyOfResource(resource)),
  )
}

/** Different ones, whatever their versions. */
function instrumentsOf(responses: readonly KnownVersion[]): number {
  return new Set(
    responses.map(({ resource, id }) => textAt(resource, 'questionnaire')?.replace(/\|.*$/, '') ?? id),
  ).size
}

/** Those codings of a concept that bill something: a kind of ours, a code of services, or whatever a rule knows. */
function serviceCodings(concept: JsonObject | undefined, { rules }: ServicesAsked): readonly Coding[] {
  const codings = codingsOf(concept).filter(({ system }) => system !== LEVELS_OF_CARE)
  return onceEach(codings).filter(
    (coding) =>
      coding.system === BILLABLE_SERVICES ||
      keyOf(coding).startsWith(`${SYSTEMS.hcpcs}|`) ||
      coding.system === SYSTEMS.cpt ||
      rules.isKnown(coding) ||
      rules.ofKind(coding).length > 0,
  )
}

function onceEach(codings: readonly Coding[]): readonly Coding[] {
  return [...new Map(codings.map((coding) => [keyOf(coding), coding])).values()]
}

function serviceOf(
  codings: readonly Coding[],
  minutes: number | undefined,
  quantity: number | undefined,
): PerformedService {
  return {
    codings,
    ...(minutes === undefined ? {} : { minutes }),
    ...(quantity === undefined ? {} : { quantity }),
  }
}
