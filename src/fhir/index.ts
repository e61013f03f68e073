// The R4 core's face.
export * from './resource.ts'
export * from './errors.ts'
export * from './outcome.ts'
export * from './dates.ts'
export * from './references.ts'
export * from './json/index.ts'
export * from './definitions/index.ts'
export * from './patch/index.ts'
