// FHIRPath's face: its syntax tree, evaluation compiled and by the engine, and where an expression points to.
export * from './syntax.ts'
export * from './engine.ts'
export * from './evaluator.ts'
export { BeyondSubset, type CompiledFhirPath, compileFhirPath } from './compiled/index.ts'
export type { FhirPathLocation } from './locate.ts'
