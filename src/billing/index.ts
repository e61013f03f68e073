// Billing's face.
export * from './money.ts'
export * from './rules/index.ts'
export * from './x12/index.ts'
