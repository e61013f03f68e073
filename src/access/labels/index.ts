// The face of security labels: rules as data, and what one resource's own content makes sensitive by them.
export {
  ANY_CODING,
  ANY_IDENTIFIER,
  compileLabelRules,
  isLabelRules,
  valueSetsNamed,
  type LabelRules,
  MEDICATION_INGREDIENT,
  OWN_LABELS,
  RULES_TYPE,
} from './label-rules.ts'
export type { RuleFault } from './faults.ts'
export type { Rule } from './rule-table.ts'
export { type Finding, ownLabels } from './own-labels.ts'
export { type Implication, implications, labelsOf, sentLabels } from './labels-of.ts'
export { isPart2Program, PART_2_PROGRAM, part2Flag, PROGRAM_TYPES } from './part2-program.ts'
export { CODE_VALIDITY } from './value-set-terms.ts'
export * from './vocabulary.ts'
export {
  canonicalSources,
  givesAlong,
  labelLinks,
  taken,
  takerOf,
  takesFromReferrers,
  type LabelLink,
  type LabelLinkKind,
} from './label-links.ts'
export {
  contentLabels,
  isKept,
  keeping,
  loweredBy,
  sentOf,
  settledLabels,
  withLabels,
  type Sent,
} from './labelling.ts'
export { LABEL_SOURCE, withLabelLinks, type LinkedSearch } from './indexed-links.ts'
