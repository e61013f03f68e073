// Writing the claims of an episode, each once, and none for days that somebody else has billed meanwhile.
import { FhirError, type Resource } from '../../../fhir/index.ts'
import type { Repository, WorldView } from '../../../repository/index.ts'
import { objectAt, textAt } from '../../elements.ts'
import type { CreatedOnce } from '../../made.ts'
import { keyOf } from '../../rules/index.ts'
import { keyOfResource, localKeyOf } from '../references.ts'
import { savePlan } from '../save-claim.ts'
import { priorOf, standingClaims } from '../standing-claims.ts'
import { refuseConflicts, type StandingLine, standingLines } from './billed-before.ts'
import type { EpisodeClaims } from './generate-for-episode.ts'

export interface SaveParts {
  readonly repository: Repository
  readonly view: WorldView
  readonly baseUrl: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * In the order of their days. Should two ask at one time for windows that overlap, one at most is left with a claim.
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

/** Takes a claim back whose days another claim bills that was not written later. */
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
  const standing = await standingClaims(view, {
    patient: localKeyOf(objectAt(claim, 'patient'), baseUrl) ?? '',
    payer: localKeyOf(objectAt(claim, 'insurer'), baseUrl) ?? '',
    date: textAt(objectAt(claim, 'billablePeriod'), 'start') ?? '',
    baseUrl,
  })
  const own = new Set(standingLines([claim], baseUrl).map(placeOf))
  const prior = priorOf(claim, baseUrl)
  const others = standing.filter(
    (other) =>
      other['id'] !== claim['id'] && keyOfResource(other) !== prior && writtenAt(other) <= writtenAt(claim),
  )
  return standingLines(others, baseUrl).filter((line) => own.has(placeOf(line)))
}

function placeOf({ code, date }: StandingLine): string {
  return `${keyOf(code)}\n${date}`
}

function writtenAt(claim: Resource): string {
  return textAt(objectAt(claim, 'meta'), 'lastUpdated') ?? ''
}
