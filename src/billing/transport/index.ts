// The transport's face.
export type * from './transport.ts'
export { createFolderTransport } from './folder.ts'
export { createMemoryTransport, type MemoryTransport } from './memory.ts'
