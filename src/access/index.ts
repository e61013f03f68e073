export { accessFilterFor, UNAUTHENTICATED, type Principal } from './principal.ts'
