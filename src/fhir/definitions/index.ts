export type * from './definition.ts'
export type * from './search-parameter.ts'
export { loadDefinitions } from './load.ts'
