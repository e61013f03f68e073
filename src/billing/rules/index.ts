// Billable services: the rules, and the lines that they make.
export { readServiceRules, type FaultyDefinition, type RuleBook } from './rule-book.ts'
export { readServiceRule, type ReadRule } from './read-service-rule.ts'
export type { PrepareExpression } from './conditions.ts'
export type { ServiceRule } from './service-rule.ts'
export { linesFor } from './lines-for.ts'
export { createRuleBooks, type RuleBooks } from './rule-books.ts'
export type * from './service-facts.ts'
