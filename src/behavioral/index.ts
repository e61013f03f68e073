// What the server knows of behavioral health beyond FHIR: assessments.
export * from './assessments/instrument.ts'
export * from './assessments/scored.ts'
export type { Evaluators, Expression, Formula } from './assessments/formula.ts'
export { readInstrument } from './assessments/read-instrument.ts'
export { scoreResponse } from './assessments/scoring.ts'
export * from './measures/index.ts'
export * from './outcomes/index.ts'
