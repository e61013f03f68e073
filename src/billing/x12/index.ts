// X12's face.
export * from './claim-837/index.ts'
export {
  readInterchanges,
  writeInterchange,
  type Group,
  type Interchange,
  type InterchangeHeader,
  type TradingPartner,
  type TransactionSet,
  type WrittenGroup,
  type WrittenSet,
} from './envelope.ts'
export { x12Text } from './characters.ts'
export * from './acknowledgement-999.ts'
export * from './claim-status-277.ts'
export * from './remittance-835/index.ts'
export * from './eligibility-270/index.ts'
export * from './eligibility-271/index.ts'
export * from './authorization-278/index.ts'
export { traceIdentifier } from './traces.ts'
export { X12_CODES } from './code-systems.ts'
