// FHIRPath's face: its syntax tree, where a path points to, and the engine.
export * from './syntax.ts'
