// Billable services: the rules, and the lines that they make.
export {
  readServiceRules,
  unitOf,
  type FaultyDefinition,
  type RuleBook,
  type RulesInForce,
} from './rule-book.ts'
export { readServiceRule, type ReadRule } from './read-service-rule.ts'
export type { PrepareExpression } from './conditions.ts'
export * from './program-rule.ts'
export type * from './service-rule.ts'
export { isIn, isSameCode, keyOf } from './codes.ts'
export { codesOf, environmentOf, placeOf, type RuleEnvironment } from './judge-rule.ts'
export { modifiersOf } from './line-parts.ts'
export { PERIODS } from './neighbours.ts'
export { linesFor } from './lines-for.ts'
export { createRuleBooks, type RuleBooks } from './rule-books.ts'
export type * from './service-facts.ts'
