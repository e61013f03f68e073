export { admits } from './admits.ts'
export { accessFilterFor, UNAUTHENTICATED, type Principal } from './principal.ts'
export * from './labels/index.ts'
