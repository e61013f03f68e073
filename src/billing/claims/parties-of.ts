// Who is on a claim: the patient, who pays, who bills, who rendered it, and where.
import type { Issue, JsonObject, Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import type { Coding } from '../rules/index.ts'
import type { CareTeamMember, ClaimParties } from './claim-plan.ts'
import { npiFaultOf, taxonomiesOf } from './people.ts'
import { problem } from './problems.ts'
import { keyOfResource, localKeyOf, referenced } from './references.ts'

/** Who rendered or attended, or took part otherwise, as a visit or stay names them. */
export interface Performer {
  /** Reference to a Practitioner, PractitionerRole or Organization. */
  readonly reference: JsonObject
  /** As `CareTeamMember.role`. */
  readonly role: string
  /** FHIRPath of the element that names them. */
  readonly element: string
}

export interface PartiesSource {
  readonly patient: Resource
  readonly coverage: Resource
  /** Organization that gave the care; undefined: that for which the first performer works. */
  readonly provider: JsonObject | undefined
  /** FHIRPath of the element that names it. */
  readonly providerElement: string
  readonly performers: readonly Performer[]
  /** Location or Organization where it was given. */
  readonly facility?: Resource
  /** `YYYY-MM-DD`. */
  readonly date: string
}

export interface FoundParties {
  /** Undefined when there are refusals. */
  readonly parties?: ClaimParties
  /** What could be found, also beside refusals. */
  readonly payer?: Resource
  readonly provider?: Resource
  /** Those performers who are known, in their order. */
  readonly people: readonly Resource[]
  /** All of the first performer, that of the claim first. */
  readonly taxonomies: readonly Coding[]
  readonly refusals: readonly Issue[]
}

/** How far up an Organization belongs to others until one bills. */
const MOST_UPWARD = 8
const MOST_ROLES = 50
const PROVIDER_TYPES = ['Organization', 'Practitioner']

/** Everybody by whole resources that `view` shows; what is missing is refused by the element that should name it. */
export async function partiesOf(
  view: WorldView,
  source: PartiesSource,
  baseUrl: string,
): Promise<FoundParties> {
  const refusals: Issue[] = []
  const payer = await payerOf(view, source.coverage, baseUrl)
  if (payer === undefined)
    refusals.push(problem('payer-missing', 'Coverage.payor', 'The coverage names no Organization that pays.'))
  const performers = await Promise.all(source.performers.map((one) => personOf(view, one, baseUrl)))
  const [first] = performers
  const named = source.provider ?? objectAt(first?.role, 'organization')
  const provider = await billingProviderOf(view, named, baseUrl)
  if (provider === undefined)
    refusals.push(
      problem('provider-missing', source.providerElement, 'Nothing names the Organization that bills.'),
    )
  else {
    const fault = npiFaultOf(provider)
    if (fault !== undefined)
      refusals.push(
        problem(
          'provider-without-npi',
          `${provider.resourceType}.identifier`,
          `Who bills needs an NPI: ${fault}.`,
        ),
      )
  }
  const careTeam: CareTeamMember[] = []
  const taxonomies: Coding[] = []
  for (const found of performers) {
    if (found.person === undefined) {
      refusals.push(
        problem('rendering-missing', found.performer.element, 'It must name somebody who is known here.'),
      )
      continue
    }
    const own = await taxonomiesThere(view, found.person, found, { ...source, provider: named }, baseUrl)
    if (found === first) taxonomies.push(...own)
    const [taxonomy] = own
    const member: CareTeamMember = {
      resource: found.person,
      role: found.performer.role,
      ...(taxonomy === undefined ? {} : { taxonomy }),
    }
    refusals.push(...faultsOf(member))
    careTeam.push(member)
  }
  const { patient, coverage, facility } = source
  return {
    refusals,
    taxonomies,
    people: performers.flatMap(({ person }) => person ?? []),
    ...(payer === undefined ? {} : { payer }),
    ...(provider === undefined ? {} : { provider }),
    ...(refusals.length > 0 || payer === undefined || provider === undefined
      ? {}
      : {
          parties: {
            patient,
            coverage,
            payer,
            provider,
            careTeam,
            ...(facility === undefined || isAtAddressOf(facility, provider) ? {} : { facility }),
          },
        }),
  }
}

/** The Organization that a Coverage names to pay. */
export async function payerOf(
  view: WorldView,
  coverage: Resource,
  baseUrl: string,
): Promise<Resource | undefined> {
  for (const payor of objectsAt(coverage, 'payor')) {
    const found = await referenced(view, payor, baseUrl, ['Organization'])
    if (found !== undefined) return found.resource
  }
  return undefined
}

/** Of an Organization without an NPI, such as a department, the nearest that it is part of which has one. */
async function billingProviderOf(
  view: WorldView,
  named: JsonObject | undefined,
  baseUrl: string,
): Promise<Resource | undefined> {
  const first = (await referenced(view, named, baseUrl, PROVIDER_TYPES))?.resource
  let at = first
  for (let step = 0; at !== undefined && step < MOST_UPWARD; step++) {
    if (npiFaultOf(at) === undefined) return at
    at = (await referenced(view, objectAt(at, 'partOf'), baseUrl, ['Organization']))?.resource
  }
  return first
}

interface FoundPerson {
  readonly performer: Performer
  /** Practitioner or Organization. */
  readonly person: Resource | undefined
  readonly role: Resource | undefined
}

async function personOf(view: WorldView, performer: Performer, baseUrl: string): Promise<FoundPerson> {
  const { reference } = performer
  const role = (await referenced(view, reference, baseUrl, ['PractitionerRole']))?.resource
  const named = role === undefined ? reference : objectAt(role, 'practitioner')
  const person = (await referenced(view, named, baseUrl, PROVIDER_TYPES))?.resource
  return { performer, person, role }
}

/** Those of the role in which they worked there first, then their own. */
async function taxonomiesThere(
  view: WorldView,
  person: Resource,
  { role }: FoundPerson,
  { provider, date }: Pick<PartiesSource, 'provider' | 'date'>,
  baseUrl: string,
): Promise<readonly Coding[]> {
  const roles =
    role !== undefined || person.resourceType !== 'Practitioner'
      ? [role].filter((one) => one !== undefined)
      : (await rolesOf(view, person)).filter((one) => isHeld(one, date))
  const place = localKeyOf(provider, baseUrl)
  const there = roles.filter((one) => localKeyOf(objectAt(one, 'organization'), baseUrl) === place)
  return taxonomiesOf(...there, person, ...roles)
}

async function rolesOf(view: WorldView, person: Resource): Promise<readonly Resource[]> {
  const where = localReferenceMatch('practitioner', ['Practitioner'], String(person['id']))
  const found = await view.search(
    searchQuery({ type: 'PractitionerRole', where: and([where]), count: MOST_ROLES }),
  )
  return found.map(({ resource }) => resource)
}

function isHeld(role: Resource, date: string): boolean {
  return role['active'] !== false && isWithin(objectAt(role, 'period'), date)
}

/** Whether a day, `YYYY-MM-DD`, is in a Period, whose bounds may be a year or a month and are included. */
export function isWithin(period: JsonObject | undefined, date: string): boolean {
  const [start, end] = [textAt(period, 'start')?.slice(0, 10), textAt(period, 'end')?.slice(0, 10)]
  return (
    (start === undefined || date.slice(0, start.length) >= start) &&
    (end === undefined || date.slice(0, end.length) <= end)
  )
}

const TOLD_BY_TAXONOMY: ReadonlySet<string> = new Set(['rendering', 'attending'])

function faultsOf({ resource, role, taxonomy }: CareTeamMember): readonly Issue[] {
  const { resourceType } = resource
  const fault = npiFaultOf(resource)
  return [
    ...(fault === undefined
      ? []
      : [
          problem(
            'rendering-without-npi',
            `${resourceType}.identifier`,
            `Who is on a claim needs an NPI: ${fault}.`,
          ),
        ]),
    ...(taxonomy !== undefined || !TOLD_BY_TAXONOMY.has(role)
      ? []
      : [
          problem(
            'rendering-without-taxonomy',
            resourceType === 'Practitioner' ? 'Practitioner.qualification' : `${resourceType}.type`,
            'Who rendered it needs a taxonomy of http://nucc.org/provider-taxonomy, here or as PractitionerRole.specialty.',
          ),
        ]),
  ]
}

/** A claim names a facility only where it is not where the biller is. */
function isAtAddressOf(facility: Resource, provider: Resource): boolean {
  if (keyOfResource(facility) === keyOfResource(provider)) return true
  const one = objectAt(facility, 'address') ?? objectsAt(facility, 'address')[0]
  const addresses = objectsAt(provider, 'address')
  if (one === undefined || addresses.length === 0) return one === undefined
  return addresses.some((other) => addressText(other) === addressText(one))
}

function addressText(address: JsonObject): string {
  const { line, city, state, postalCode } = address
  const lines = Array.isArray(line) ? line.map(String) : []
  return [...lines, city, state, String(postalCode ?? '').slice(0, 5)].join('\n').toLowerCase()
}
