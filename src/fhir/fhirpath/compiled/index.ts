// Compiled FHIRPath's face.
export { type CompiledFhirPath, compileFhirPath } from './compile.ts'
export { BeyondSubset } from './run.ts'
