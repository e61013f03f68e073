export { parseJson } from './parse.ts'
export { writeJson } from './write.ts'
export { cloneJson, decimalText, equalJson } from './numerals.ts'
