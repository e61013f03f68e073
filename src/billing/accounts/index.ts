// The face of patients' accounts.
export {
  accountBalance,
  type AccountBalance,
  type BalanceAmounts,
  type ClaimBalance,
} from './account-balance.ts'
export { invoicePatient, type Invoiced } from './invoice-patient.ts'
export { INVOICED_CLAIM } from './urls.ts'
