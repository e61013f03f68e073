// From a FHIR Claim for preauthorization and the resources around it to what a 278 asks.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import {
  codeIn,
  hasCode,
  identifierOfType,
  informationOf,
  objectAt,
  objectsAt,
  textAt,
  textsAt,
} from '../../elements.ts'
import { SYSTEMS } from '../../systems.ts'
import { CARE_TEAM_ROLES } from '../claim-837/claim-bundle.ts'
import type { ClaimKind, Provider } from '../claim-837/content.ts'
import { wholeDay } from '../claim-837/dates-of.ts'
import { diagnosesOf } from '../claim-837/diagnoses-of.ts'
import { attachmentsOf } from '../claim-837/from-bundle.ts'
import { partyOf, providerOf, withNpi } from '../claim-837/parties-of.ts'
import { x12Code } from '../characters.ts'
import { required, unwritable } from '../fault.ts'
import { insuredOf, payerOf } from '../insured.ts'
import { traceOf } from '../traces.ts'
import { extensionCode } from './pas.ts'
import {
  RELATIONSHIPS_278,
  type AuthorizationBundle,
  type AuthorizationRequest,
  type ReviewRole,
} from './request.ts'
import { reviewOf, servicesOf } from './services-of.ts'

const MOST_DIAGNOSES = 12
const MOST_PROVIDERS = 14

/**
 * What the 278 asks. 422, naming the element, for what the guide requires and is not there, what it cannot hold, and
 * what is not written here (accidents, procedures, other payers). Names are folded to X12's characters. Free texts and
 * addresses of people stay at home.
 */
export function authorizationRequestOf(bundle: AuthorizationBundle): AuthorizationRequest {
  const { claim } = bundle
  const kind = kindOf(claim)
  const focal = focalInsurance(claim)
  const { diagnoses, positions } = diagnosesIn(claim)
  const { providers, rendering } = providersOf(bundle)
  const services = servicesOf({ claim, kind, positions, rendering, requester: bundle.billingProvider })
  const event = reviewOf(objectsAt(claim, 'item')[0] as JsonObject, claim, kind, 'Claim.item[0]')
  const level = levelOf(claim)
  const [previous, ...more] = textsAt(focal, 'preAuthRef')
  if (more.length > 0) throw unwritable('Claim.insurance.preAuthRef', 'may be one only')
  const dates = datesOf(claim)
  if (event.category === 'AR' && dates.admission === undefined)
    throw unwritable('Claim.supportingInfo', 'must have an admissionperiod, for an admission')
  refuseChangeOfNothing({ ...event, previous }, services)
  const requester = withNpi(bundle.billingProvider, partyOf(bundle.billingProvider, false))
  const facility = bundle.facility && withNpi(bundle.facility, partyOf(bundle.facility, true))
  return {
    kind,
    payer: payerOf(bundle.payer),
    requester: { ...requester, id: required(requester.id, 'Claim.provider', 'must have an NPI') },
    ...insuredOf(bundle, RELATIONSHIPS_278),
    trace: traceOf(identifierIn(claim), bundle.billingProvider, 'Claim.identifier'),
    review: { ...event, ...(level === undefined ? {} : { level }) },
    ...(previous === undefined ? {} : { previous: x12Code(previous, 50, 'Claim.insurance.preAuthRef') }),
    ...dates,
    diagnoses,
    ...(kind === 'institutional' ? admissionOf(claim) : {}),
    attachments: attachmentsOf(claim),
    providers,
    ...(facility === undefined ? {} : { facility }),
    services: services.map(({ review, ...service }) =>
      JSON.stringify(review) === JSON.stringify(event) ? service : { ...service, review },
    ),
  }
}

function kindOf(claim: Resource): ClaimKind {
  if (claim.use !== 'preauthorization') throw unwritable('Claim.use', 'must be preauthorization')
  for (const key of ['accident', 'procedure'] as const)
    if (claim[key] !== undefined) throw unwritable(`Claim.${key}`, 'is not written')
  const code = codeIn(objectAt(claim, 'type'), SYSTEMS.claimType)
  if (code === 'professional' || code === 'institutional') return code
  throw unwritable('Claim.type', 'must be professional or institutional')
}

function focalInsurance(claim: Resource): JsonObject {
  const all = objectsAt(claim, 'insurance')
  if (all.length !== 1) throw unwritable('Claim.insurance', 'must be one: each payer is asked by itself')
  return all[0] as JsonObject
}

function identifierIn(claim: Resource): JsonObject {
  const all = objectsAt(claim, 'identifier').filter((one) => textAt(one, 'value') !== undefined)
  const placer = identifierOfType(claim, 'PLAC')
  const chosen = all.find((one) => one.value === placer) ?? all[0]
  return required(chosen, 'Claim.identifier', 'is required, to find the answer by')
}

function diagnosesIn(claim: Resource) {
  if (objectsAt(claim, 'diagnosis').length === 0)
    return { diagnoses: [], positions: new Map<number, number>() }
  const { diagnoses, positions } = diagnosesOf(claim, 'institutional')
  if (diagnoses.length > MOST_DIAGNOSES)
    throw unwritable('Claim.diagnosis', `may be no more than ${MOST_DIAGNOSES}`)
  const strange = diagnoses.some(({ kind }) => kind === 'reason' || kind === 'external-cause')
  if (strange) throw unwritable('Claim.diagnosis.type', 'must be principal, admitting or secondary')
  return { diagnoses: diagnoses.map(({ kind, code }) => ({ kind, code })), positions }
}

/** Claim.careTeam.role as NM101 has it: who is rendering gives the services. */
const ROLES: Readonly<Record<string, ReviewRole>> = {
  primary: 'SJ',
  rendering: 'SJ',
  referring: CARE_TEAM_ROLES.referring,
  attending: CARE_TEAM_ROLES.attending,
  operating: CARE_TEAM_ROLES.operating,
  other: '73',
}

/** The first who renders services does so of all; later ones do so of the items that name them. */
function providersOf({ claim, careTeam }: AuthorizationBundle) {
  const providers: { role: ReviewRole; provider: Provider }[] = []
  const rendering = new Map<number, Provider | undefined>()
  for (const [index, member] of objectsAt(claim, 'careTeam').entries()) {
    const at = `Claim.careTeam[${index}]`
    const code = codeIn(objectAt(member, 'role'), SYSTEMS.careTeamRole) ?? ''
    const role = required(ROLES[code], `${at}.role`, 'is none that a request for authorization has')
    const sequence = Number(member.sequence)
    const resource = required(careTeam[sequence], `${at}.provider`, 'is not at hand')
    const provider = providerOf(resource, false, codeIn(objectAt(member, 'qualification'), SYSTEMS.nucc))
    const later = role === 'SJ' && rendering.size > 0
    if (role === 'SJ') rendering.set(sequence, later ? provider : undefined)
    if (!later) providers.push({ role, provider })
  }
  if (providers.length > MOST_PROVIDERS)
    throw unwritable('Claim.careTeam', `may be no more than ${MOST_PROVIDERS}`)
  return { providers, rendering }
}

/** UM06; a claim whose priority is `stat` is urgent. */
function levelOf(claim: Resource): string | undefined {
  const told = extensionCode(claim, 'levelOfService')
  if (told !== undefined) return x12Code(told, 3, 'Claim.extension')
  return hasCode(objectAt(claim, 'priority'), 'stat') ? 'U' : undefined
}

function datesOf(claim: Resource): Pick<AuthorizationRequest, 'event' | 'admission' | 'discharge'> {
  const planned = objectAt(claim, 'billablePeriod')
  const [info] = informationOf(claim, 'admissionperiod')
  const stay = objectAt(info, 'timingPeriod')
  const [admitted, left] = [textAt(stay, 'start') ?? textAt(info, 'timingDate'), textAt(stay, 'end')]
  return {
    ...(planned === undefined ? {} : { event: plannedPeriod(planned) }),
    ...(admitted === undefined ? {} : { admission: wholeDay(admitted, 'Claim.supportingInfo') }),
    ...(left === undefined ? {} : { discharge: wholeDay(left, 'Claim.supportingInfo') }),
  }
}

function plannedPeriod(period: JsonObject): { readonly start: string; readonly end: string } {
  const at = 'Claim.billablePeriod'
  const start = wholeDay(textAt(period, 'start'), at)
  const end = wholeDay(textAt(period, 'end') ?? start, at)
  if (end < start) throw unwritable(at, 'ends before it starts')
  return { start, end }
}

function admissionOf(claim: Resource): Pick<AuthorizationRequest, 'admissionType' | 'pointOfOrigin'> {
  const code = (category: string) => {
    const found = codeIn(objectAt(informationOf(claim, category)[0], 'code'))
    return found === undefined ? undefined : x12Code(found, 2, 'Claim.supportingInfo')
  }
  const [type, origin] = [code('admtype'), code('pointoforigin')]
  return {
    ...(type === undefined ? {} : { admissionType: type }),
    ...(origin === undefined ? {} : { pointOfOrigin: origin }),
  }
}

/** 422 for a request that is not initial and names no authorization or refusal. */
function refuseChangeOfNothing(
  event: { readonly certification: string; readonly previous: string | undefined },
  services: readonly { readonly previous?: string; readonly refused?: string }[],
): void {
  if (event.certification === 'I' || event.previous !== undefined) return
  if (services.some((one) => one.previous !== undefined || one.refused !== undefined)) return
  throw unwritable('Claim.insurance.preAuthRef', 'is required of a request that is not initial')
}
