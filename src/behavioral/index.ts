// What the server knows of behavioral health beyond FHIR: assessments.
export * from './assessments/instrument.ts'
export * from './assessments/scored.ts'
