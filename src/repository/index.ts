export { Repository } from './repository.ts'
export type { RepositoryParts } from './parts.ts'
export type * from './requests.ts'
