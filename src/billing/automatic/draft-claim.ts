// The draft claim of a visit, as it follows from what has just been written about the visit.
import { type Issue, type Resource, writeJson } from '../../fhir/index.ts'
import type { FollowUp, KnownVersion, WorldView } from '../../repository/index.ts'
import {
  claimOf,
  generateForEncounter,
  type Generated,
  provenanceOf,
  signedNotesOf,
  localKeyOf,
} from '../claims/index.ts'
import { objectAt } from '../elements.ts'
import { isMadeAs } from '../made.ts'
import type { BillingParts } from '../parts.ts'
import { followUp, placeOf } from './places.ts'
import { unbillableVisit } from './unbillable-visit.ts'

/** With one of these a visit is not meant to be billed, or not by itself: nobody is asked to mend it. */
const NOT_MEANT: ReadonlySet<unknown> = new Set([
  'coverage-missing',
  'not-billable',
  'self-pay',
  'visit-of-group',
  'visit-of-period',
  'visit-without-patient',
])

/** By one of these a service that was recorded is not in the claim. */
const LEAVES_OUT: ReadonlySet<unknown> = new Set([
  'above-maximum',
  'below-minimum',
  'excluded',
  'minutes-needed',
  'no-rule',
  'not-applicable',
  'place-not-allowed',
  'provider-not-allowed',
  'units-over-limit',
  'without-primary',
])

function leftOut(warnings: readonly Issue[] = []): readonly Issue[] {
  return warnings.filter(({ details }) => LEAVES_OUT.has(details?.code))
}

/** @param now milliseconds since 1970 */
export async function draftClaim(
  view: WorldView,
  parts: BillingParts,
  visit: KnownVersion,
  now: number,
): Promise<readonly FollowUp[]> {
  const { resource: encounter } = visit
  const patient = localKeyOf(objectAt(encounter, 'subject'), parts.baseUrl)
  if (encounter['status'] !== 'finished' || patient?.startsWith('Patient/') !== true) return []
  const { notes } = await signedNotesOf(view, visit.id, patient, parts.baseUrl)
  if (notes.length === 0) return []
  const generated = await generateForEncounter(view, parts, { encounterId: visit.id, now })
  const { existing } = generated
  if (existing !== undefined) {
    const anew = { encounterId: visit.id, anew: String(existing['id']), now }
    const fresh = existing['status'] === 'draft' ? await generateForEncounter(view, parts, anew) : undefined
    return [
      ...(fresh === undefined ? [] : await madeAnew(view, fresh, anew)),
      ...(await unbillableVisit(view, encounter, { refusals: [], leftOut: leftOut(fresh?.warnings) }, now)),
    ]
  }
  const told = [...generated.refusals, ...generated.warnings]
  if (told.some(({ details }) => NOT_MEANT.has(details?.code)))
    return unbillableVisit(view, encounter, { refusals: [], leftOut: [] }, now)
  const made = generated.plan === undefined ? [] : await newClaim(view, generated, now)
  const { refusals, warnings } = generated
  const unbilled = { refusals, leftOut: refusals.length > 0 ? [] : leftOut(warnings) }
  const task = await unbillableVisit(view, encounter, unbilled, now)
  return [...made, ...task]
}

async function newClaim(
  view: WorldView,
  { name, plan }: Generated,
  now: number,
): Promise<readonly FollowUp[]> {
  const place = await placeOf(view, 'Claim', name)
  if (plan === undefined || place === undefined || place.known !== undefined) return []
  const made = { name, attempt: place.attempt, now }
  return [claimOf(plan, made), provenanceOf(plan, made)].map((resource) => followUp(resource, undefined))
}

/** The draft as it would be made now; whatever has been sent, or changed by somebody, stays as it is. */
async function madeAnew(
  view: WorldView,
  { name, plan }: Generated,
  { anew: claimId, now }: { readonly anew: string; readonly now: number },
): Promise<readonly FollowUp[]> {
  const claim = await view.read('Claim', claimId)
  if (claim === undefined || claim.resource['status'] !== 'draft') return []
  if (plan === undefined || !isMadeAs(claim.resource, name)) return []
  const place = await placeOf(view, 'Claim', name)
  if (place?.known?.id !== claimId) return []
  const made = { name, attempt: place.attempt, now }
  const [fresh, told] = [claimOf(plan, made), provenanceOf(plan, made)]
  const provenance = await view.read('Provenance', String(told['id']))
  // Both are written together: a version that only one of them has is somebody else's.
  if (provenance?.versionId !== claim.versionId || saysTheSame(fresh, claim.resource)) return []
  return [followUp(fresh, claim), followUp(told, provenance)]
}

function saysTheSame(one: Resource, other: Resource): boolean {
  return contentOf(one) === contentOf(other)
}

/** Without when it was made, and how the server labels it. */
function contentOf(claim: Resource): string {
  const { meta: _, created: __, ...said } = claim
  return writeJson(said)
}
