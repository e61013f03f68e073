// Draft claims by themselves.
export { billingWriteRules, type AutomaticParts } from './write-rules.ts'
