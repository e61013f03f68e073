// FHIRPath's face: its syntax tree, the engine, and where an expression points to.
export * from './syntax.ts'
export * from './engine.ts'
export type { FhirPathLocation } from './locate.ts'
