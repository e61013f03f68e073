// The store port's face; adapters have faces of their own.
export * from './store.ts'
export * from './commit.ts'
export * from './body.ts'
export * from './access-filter.ts'
export * from './index-entry.ts'
export * from './words.ts'
export * from './query/index.ts'
export * from './inspection.ts'
