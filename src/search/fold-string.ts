// Strings as searches compare them: without case and accents (https://hl7.org/fhir/R4/search.html#string).

const ASCII = /^[\x20-\x7e]*$/
const MARKS = /\p{M}+/gu
const SPACE = /\s+/g

/** Lower case, without accents and other combining marks, every run of white space one space, none at the ends. */
export function foldString(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize('NFKD').replace(MARKS, '')
  return plain.toLowerCase().normalize('NFKD').replace(MARKS, '').replace(SPACE, ' ').trim()
}
