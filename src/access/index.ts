export { admits } from './admits.ts'
export {
  labelsKeptApart,
  labelsNamed,
  NOTES_KEPT_APART,
  notesNamed,
  type LabelName,
  type NotesKeptApart,
} from './notes-kept-apart.ts'
export { accessFilterFor, UNAUTHENTICATED, type Principal } from './principal.ts'
export * from './labels/index.ts'
