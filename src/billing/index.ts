// Billing's face.
export * from './money.ts'
