// Measures over patients: read, found, and evaluated.
export { evaluateMeasure, type EvaluationAsked } from './evaluate.ts'
export { findMeasure } from './find-measure.ts'
export { readMeasure, type MeasureParts } from './read-measure.ts'
export type { CohortAsked } from './cohort.ts'
export type { MeasurementPeriod } from './patient-data.ts'
export type { ReportType } from './report.ts'
