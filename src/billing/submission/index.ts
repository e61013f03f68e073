// The face of what sends claims.
export * from './bundle/index.ts'
