// Diagnosis codes: which of ICD-10-CM may be billed on a day.
export type { Edition } from './code-list.ts'
export type { DiagnosisFault, DiagnosisFaultKind } from './diagnosis-fault.ts'
export { Icd10Cm } from './icd-10-cm.ts'
