// The face of exact JSON.
export { parseJson, readJson, type ReadJson } from './parse.ts'
export { writeJson } from './write.ts'
export { copiedText } from './copied-text.ts'
export { isWithinDepth, MAX_DEPTH, roughSize } from './measure.ts'
export { cloneJson, copyValue, decimalText, equalJson, setDecimalText, spliceArray } from './numerals.ts'
