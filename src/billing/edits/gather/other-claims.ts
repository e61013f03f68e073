// Lines of other claims that stand beside this one: of the same patient, to the same payer, and in force.
import { FhirError, type JsonObject, type Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { and, dateMatch, localReferenceMatch, searchQuery, tokenMatch } from '../../../store/index.ts'
import { FREQUENCIES } from '../../claims/frequency.ts'
import { keyOfResource, localKeyOf, referenced } from '../../claims/index.ts'
import { frequencyOf, isVoid, isWithdrawn, priorsOf } from '../../claims/replacement.ts'
import { hasCode, objectAt, objectsAt } from '../../elements.ts'
import { linesOfClaim, type BilledLine } from '../billed-line.ts'

/** Claims of one patient. */
const MOST_CLAIMS = 5000
/** Of all of them together: each is compared with each line of the claim. */
const MOST_LINES = 20_000

export interface OtherClaims {
  readonly lines: readonly BilledLine[]
  /** `Claim/[id]` of the claim itself, what it replaces or voids, what replaces or voids it, and so on. */
  readonly family: ReadonlySet<string>
}

/**
 * @param payer `Organization/[id]`
 * @param since milliseconds since 1970: claims that were made before tell of services that no rule looks back to
 * @throws FhirError `too-costly`
 */
export async function otherClaims(
  view: WorldView,
  claim: Resource,
  payer: string | undefined,
  since: number,
  baseUrl: string,
): Promise<OtherClaims> {
  const patient = localKeyOf(objectAt(claim, 'patient'), baseUrl)
  const [type = '', id = ''] = patient?.split('/') ?? []
  if (type !== 'Patient') return { lines: [], family: new Set() }
  const where = and([
    localReferenceMatch('patient', ['Patient'], id),
    tokenMatch('use', undefined, 'claim'),
    dateMatch('created', { comparator: 'ge', low: since, high: since + 1 }),
  ])
  const found = await view.every(searchQuery({ type: 'Claim', where }), MOST_CLAIMS)
  const claims = found.map(({ resource }) => resource)
  const family = familyOf(claim, claims, baseUrl)
  const lines: BilledLine[] = []
  for (const other of claims) {
    const name = keyOfResource(other)
    if (payer === undefined || family.has(name) || isWithdrawn(other) || isVoid(other)) continue
    if ((await payerKeyOf(view, other, baseUrl)) !== payer) continue
    for (const line of linesOfClaim(other, baseUrl, name)) lines.push(line)
    if (lines.length > MOST_LINES)
      throw new FhirError('too-costly', `There are more than ${MOST_LINES} lines of other claims to look at.`)
  }
  return { lines, family }
}

/** `Organization/[id]`: whom the claim is sent to, else who pays by its coverage. */
export async function payerKeyOf(
  view: WorldView,
  claim: Resource,
  baseUrl: string,
): Promise<string | undefined> {
  const insurer = localKeyOf(objectAt(claim, 'insurer'), baseUrl)
  if (insurer !== undefined) return insurer
  const coverage = await referenced(view, objectAt(focalOf(claim), 'coverage'), baseUrl, ['Coverage'])
  return localKeyOf(objectsAt(coverage?.resource, 'payor')[0], baseUrl)
}

export function focalOf(claim: Resource): JsonObject | undefined {
  return objectsAt(claim, 'insurance').find((one) => one['focal'] === true)
}

function familyOf(claim: Resource, all: readonly Resource[], baseUrl: string): ReadonlySet<string> {
  const links = new Map<string, string[]>()
  const addTo = (one: string, other: string): void => {
    const those = links.get(one)
    if (those === undefined) links.set(one, [other])
    else those.push(other)
  }
  const link = (one: string, other: string): void => {
    addTo(one, other)
    addTo(other, one)
  }
  for (const one of [...all, claim])
    for (const prior of priorsOf(one, baseUrl)) link(keyOfResource(one), prior)
  const family = new Set<string>()
  const open = [keyOfResource(claim)]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (family.has(next)) continue
    family.add(next)
    for (const other of links.get(next) ?? []) open.push(other)
  }
  return family
}

export function isCorrection(claim: Resource): boolean {
  return (
    frequencyOf(claim) === FREQUENCIES.replacement ||
    objectsAt(claim, 'related').some((one) => hasCode(objectAt(one, 'relationship'), 'prior'))
  )
}
