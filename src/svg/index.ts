// The face of what pictures are written with.
export * from './svg.ts'
