export { Repository } from './repository.ts'
export type { RepositoryParts } from './parts.ts'
export { breathe } from './breathe.ts'
export { inEntry } from './refusals.ts'
export type * from './requests.ts'
export { TypeChanges } from './type-changes.ts'
export { WriteLines } from './write-lines.ts'
export type * from './write-rules.ts'
export { knownVersion, lastVersions } from './known-version.ts'
export { everyMatch } from './every-match.ts'
export { combinedRules } from './combined-rules.ts'
export { indexIsStale, reindex, INDEX_VERSION, type ReindexProgress } from './reindex.ts'
export { installShipped, type ShippedReport } from './shipped.ts'
export {
  CustomParameters,
  type CustomParameterEvent,
  type CustomParametersParts,
  type CustomParametersStatus,
} from './custom-parameters.ts'
export { verifyIndex, type VerifiedIndex } from './verify.ts'
export {
  Labelling,
  type LabelChange,
  type LabellingParts,
  type RulesInForce,
} from './labelling/labelling.ts'
export type { LabelExplanation, LabelOrigin } from './labelling/explain.ts'
export { createLabelling, type LabellingSettings } from './labelling-parts.ts'
export { LabelRulesInForce, type LabelRulesParts } from './label-rules-in-force.ts'
export {
  Relabelling,
  type RelabelEvent,
  type RelabellingParts,
  type RelabelStatus,
} from './relabelling.ts'
export type { LabelsLater } from './labelling/raising.ts'
