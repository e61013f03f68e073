// Billing's face.
export * from './money.ts'
export * from './made.ts'
export * from './control-numbers.ts'
export type * from './parts.ts'
export * from './rules/index.ts'
export * from './worklist/index.ts'
export * from './transport/index.ts'
export * from './x12/index.ts'
