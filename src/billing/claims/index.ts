// From visits to claims.
export type * from './claim-plan.ts'
export { claimOf, type MadeAs } from './claim-of.ts'
export { controlNumberOf } from './control-number.ts'
export { provenanceOf } from './provenance-of.ts'
export {
  isWithin,
  partiesOf,
  payerOf,
  type FoundParties,
  type PartiesSource,
  type Performer,
} from './parties-of.ts'
export { codingsOf, isNpi, npiFaultOf, taxonomiesOf } from './people.ts'
export {
  BILLING_PROBLEMS,
  problem,
  problemOfService,
  type BillingProblem,
  VISIT_PROBLEMS,
} from './problems.ts'
export { keyOfResource, localIdOf, localKeyOf, referenced, versionKeyOf } from './references.ts'
export * from './urls.ts'
export { generateForEncounter, type EncounterRequest, type Generated } from './generate-for-encounter.ts'
export { signedNotesOf } from './notes.ts'
export { savePlan, saveGenerated } from './save-claim.ts'
export { correctionOf, type Corrected } from './corrections.ts'
export { isVoid, priorOf } from './replacement.ts'
export { generateForEpisode, type EpisodeRequest } from './episodes/generate-for-episode.ts'
export type { EpisodeClaim, EpisodeClaims } from './episodes/plan-segments.ts'
export { saveEpisodeClaims, type SaveParts } from './episodes/save-episode-claims.ts'
export { visitsOfGroup, type SessionsAsked } from './group-session.ts'
