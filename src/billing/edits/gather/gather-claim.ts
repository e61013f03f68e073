// Gathers what the edits look at, by what the caller may see: a record that is hidden changes nothing here.
import { FhirError, type Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { authorizationsOf } from '../../authorizations/index.ts'
import { localKeyOf, referenced } from '../../claims/index.ts'
import { jurisdictionsOf } from '../../claims/places.ts'
import { codeIn, objectAt } from '../../elements.ts'
import type { BillingParts } from '../../parts.ts'
import type { RulesInForce } from '../../rules/index.ts'
import { claimBundleOf } from '../../submission/bundle/index.ts'
import { SYSTEMS } from '../../systems.ts'
import { contentOf } from '../../x12/index.ts'
import { linesOfClaim, type BilledLine } from '../billed-line.ts'
import type { ClaimUnderCheck } from '../claim-under-check.ts'
import type { Fault } from '../finding.ts'
import { ruleOf } from '../rule-of.ts'
import { membersOf } from './members.ts'
import { focalOf, isCorrection, otherClaims, payerKeyOf } from './other-claims.ts'
import { permissionFaults } from './permissions.ts'
import { payerNamesOf } from './rule-scope.ts'
import { daySent, sourcesOf } from './sources.ts'
import { visitsOf } from './visits.ts'

type Parts = Pick<BillingParts, 'baseUrl' | 'books' | 'diagnoses'>

/**
 * @param claim stored or not; without an id nothing is known of when it was sent and what it was made of
 * @throws FhirError `too-costly`
 */
export async function gatherClaim(
  view: WorldView,
  parts: Parts,
  claim: Resource,
  now: number,
): Promise<ClaimUnderCheck> {
  const { baseUrl, diagnoses } = parts
  const read = async (holder: Resource | undefined, key: string, ...types: readonly string[]) =>
    (await referenced(view, objectAt(holder, key), baseUrl, types))?.resource
  const { id } = claim
  const lines = linesOfClaim(claim, baseUrl)
  const [patientType, patientId = ''] = localKeyOf(objectAt(claim, 'patient'), baseUrl)?.split('/') ?? []
  const payerKey = await payerKeyOf(view, claim, baseUrl)
  const [coverage, payer, provider, facility, patient, careTeam, visits, book] = await Promise.all([
    read(focalOf(claim) as Resource | undefined, 'coverage', 'Coverage'),
    readKey(view, payerKey),
    read(claim, 'provider', 'Organization', 'Practitioner'),
    read(claim, 'facility', 'Location', 'Organization'),
    read(claim, 'patient', 'Patient'),
    membersOf(view, claim, baseUrl),
    visitsOf(view, lines, baseUrl),
    parts.books.of(view),
  ])
  const scope = {
    ...(payer === undefined ? {} : { payer: payerNamesOf(payer, baseUrl) }),
    jurisdictions: jurisdictionsOf(facility, provider),
  }
  const byDay = new Map<string, RulesInForce>()
  const rulesOn: ClaimUnderCheck['rulesOn'] = (day) => {
    const known = byDay.get(day) ?? book.inForce({ ...scope, date: day })
    byDay.set(day, known)
    return known
  }
  const others = await otherClaims(view, claim, payerKey, sinceWhen(lines, rulesOn), baseUrl)
  const [sent, sources, authorizations, permissions, unwritable] = await Promise.all([
    typeof id === 'string' ? daySent(view, id) : undefined,
    typeof id === 'string' ? sourcesOf(view, id, baseUrl) : [],
    patientType === 'Patient'
      ? authorizationsOf(view, patientId, baseUrl, { except: [...others.family] })
      : [],
    permissionFaults(view, { claim, payer, lines, visits, baseUrl, now }),
    unwritableOf(view, claim, baseUrl),
  ])
  return {
    baseUrl,
    claim,
    kind: claimKind(claim),
    lines,
    payerKey,
    others: others.lines,
    isCorrection: isCorrection(claim),
    sent,
    now,
    patient,
    coverage,
    payer,
    provider,
    careTeam,
    visits,
    sources,
    authorizations,
    permissions,
    unwritable,
    rulesOn,
    diagnosisFaultOf: (code, day) => diagnoses.faultOf(code, day),
  }
}

/** Milliseconds since 1970: as far before the first service as limits of units reach, and a month or two more. */
function sinceWhen(lines: readonly BilledLine[], rulesOn: ClaimUnderCheck['rulesOn']): number {
  const days = lines.flatMap((line) => line.days?.first ?? [])
  const limits = lines.flatMap((line) => ruleOf({ rulesOn }, line)?.limits ?? [])
  const reach = Math.max(MONTH, ...limits.map((limit) => limit.days))
  const first = days.toSorted()[0]
  return first === undefined ? 0 : Date.parse(first) - (reach + MONTH) * DAY
}

const DAY = 86_400_000
const MONTH = 31

export function claimKind(claim: Resource): ClaimUnderCheck['kind'] {
  const type = codeIn(objectAt(claim, 'type'), SYSTEMS.claimType)
  return type === 'professional' || type === 'institutional' ? type : undefined
}

/** The Organization of `Organization/[id]`. */
export async function readKey(view: WorldView, key: string | undefined): Promise<Resource | undefined> {
  const [type = '', id = ''] = key?.split('/') ?? []
  return type === 'Organization' ? (await view.read(type, id))?.resource : undefined
}

/** What stands against writing an 837: all references that lead nowhere, else the first thing that it cannot hold. */
async function unwritableOf(view: WorldView, claim: Resource, baseUrl: string): Promise<readonly Fault[]> {
  try {
    contentOf(await claimBundleOf(view, claim, baseUrl))
    return []
  } catch (error) {
    if (!(error instanceof FhirError) || error.code !== 'business-rule') throw error
    return error.issues.map(({ expression = 'Claim', diagnostics }) => ({
      edit: 'not-writable',
      at: expression,
      what: diagnostics.replace(/\.$/, ''),
    }))
  }
}
