// Writing the claims of an episode, each once, and none for days that somebody else has billed meanwhile.
import { FhirError, type Resource } from '../../../fhir/index.ts'
import type { Repository, WorldView } from '../../../repository/index.ts'
import { and, localReferenceMatch, searchQuery, tokenMatch } from '../../../store/index.ts'
import { objectAt, textAt } from '../../elements.ts'
import type { CreatedOnce } from '../../made.ts'
import { keyOf } from '../../rules/index.ts'
import { keyOfResource, localKeyOf } from '../references.ts'
import { savePlan } from '../save-claim.ts'
import { priorOf } from '../replacement.ts'
import { standingClaims } from '../standing-claims.ts'
import { refuseConflicts, type StandingLine, standingLines } from './billed-before.ts'
import type { EpisodeClaims } from './plan-segments.ts'

export interface SaveParts {
  readonly repository: Repository
  readonly view: WorldView
  readonly baseUrl: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * In the order of their days. Of those who ask at one time for windows that overlap, the first is left with a claim.
 * @throws FhirError `business-rule` with all refusals, and the warnings with them; `conflict` where somebody else was
 * faster; else as `Repository.transaction`
 */
export async function saveEpisodeClaims(
  parts: SaveParts,
  { claims, refusals, warnings }: EpisodeClaims,
): Promise<readonly CreatedOnce[]> {
  if (refusals.length > 0) throw new FhirError('business-rule', [...refusals, ...warnings])
  const saved: CreatedOnce[] = []
  for (const { name, existing, plan } of claims) {
    if (plan === undefined) {
      if (existing !== undefined) saved.push({ created: false, resources: [existing] })
      continue
    }
    const made = await savePlan(parts.repository, plan, name, parts.now)
    if (made.created) await withdrawIfLate(parts, made.resources)
    saved.push(made)
  }
  return saved
}

/** Takes a claim back whose days another claim bills that was written before: of two, the first stays. */
async function withdrawIfLate(parts: SaveParts, resources: CreatedOnce['resources']): Promise<void> {
  const [claim] = resources
  const { repository, baseUrl } = parts
  const taken = await takenBefore(parts, claim)
  if (taken.length === 0) return
  await repository.transaction(
    resources.map(({ resourceType, id }, entry) => ({
      kind: 'delete',
      target: { type: resourceType, id: String(id) },
      entry,
    })),
  )
  const own = new Set(standingLines([claim], baseUrl).map(({ date }) => date))
  throw new FhirError('conflict', refuseConflicts(taken.filter(({ date }) => own.has(date))))
}

async function takenBefore({ view, baseUrl }: SaveParts, claim: Resource): Promise<readonly StandingLine[]> {
  const patient = localKeyOf(objectAt(claim, 'patient'), baseUrl) ?? ''
  const [standing, before] = await Promise.all([
    standingClaims(view, {
      patient,
      payer: localKeyOf(objectAt(claim, 'insurer'), baseUrl) ?? '',
      date: textAt(objectAt(claim, 'billablePeriod'), 'start') ?? '',
      baseUrl,
    }),
    idsBefore(view, patient, String(claim['id'])),
  ])
  const own = new Set(standingLines([claim], baseUrl).map(placeOf))
  const prior = priorOf(claim, baseUrl)
  const others = standing.filter((other) => before.has(String(other['id'])) && keyOfResource(other) !== prior)
  return standingLines(others, baseUrl).filter((line) => own.has(placeOf(line)))
}

const MOST_CLAIMS = 20_000
/** What all claims have alike: what is equal stands in the order in which it came to be. */
const BY_COMING = [{ by: 'entry', entry: 'token', param: 'use', descending: false }] as const

/** Ids of the patient's claims that were first stored before this one. */
async function idsBefore(view: WorldView, patient: string, id: string): Promise<ReadonlySet<string>> {
  const where = and([
    localReferenceMatch('patient', ['Patient'], patient.slice('Patient/'.length)),
    tokenMatch('use', undefined, 'claim'),
  ])
  const found = await view.every(searchQuery({ type: 'Claim', where, sort: BY_COMING }), MOST_CLAIMS)
  const at = found.findIndex((one) => one.id === id)
  return new Set(found.slice(0, Math.max(0, at)).map((one) => one.id))
}

function placeOf({ code, date }: StandingLine): string {
  return `${keyOf(code)}\n${date}`
}
