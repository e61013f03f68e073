// The 835's face.
export type * from './remittance.ts'
export { readRemittance } from './read-remittance.ts'
export { imbalancesOf, type Imbalance } from './balance.ts'
