// Strings as searches compare them: without case and accents (https://hl7.org/fhir/R4/search.html#string).

const ASCII = /^[\x20-\x7e]*$/
const MARKS = /\p{M}+/gu
const SPACE = /\s+/g
/** Anything that the rule for white space would change. */
const UNTIDY = /[^\S ]| {2}|^ | $/

/** Without case (ß is ss), accents and other combining marks, every run of white space one space, none at the ends. */
export function foldString(text: string): string {
  const plain = ASCII.test(text) ? text.toLowerCase() : foldLetters(text)
  return UNTIDY.test(plain) ? plain.replace(SPACE, ' ').trim() : plain
}

function foldLetters(text: string): string {
  // By way of the upper case, which more letters share; lower case may bring marks anew (İ), and a final sigma.
  const lower = text.normalize('NFKD').toUpperCase().toLowerCase().replaceAll('ς', 'σ')
  return lower.normalize('NFKD').replace(MARKS, '')
}
