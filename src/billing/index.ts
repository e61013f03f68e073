// Billing's face.
export * from './money.ts'
export { readServiceRules, type FaultyDefinition, type RuleBook } from './rules/rule-book.ts'
export { readServiceRule, type ReadRule } from './rules/read-service-rule.ts'
export type { PrepareExpression } from './rules/conditions.ts'
export type { ServiceRule } from './rules/service-rule.ts'
export { linesFor } from './rules/lines-for.ts'
export type * from './rules/service-facts.ts'
