// How names sound, so that they are found however they are spelt (https://hl7.org/fhir/R4/patient.html#search).
import { doubleMetaphone } from 'double-metaphone'
import type { SearchParameterDefinition } from '../fhir/index.ts'
import { foldString } from './fold-string.ts'

const BETWEEN_WORDS = /[\s\p{Pd},./]+/u
const NOT_LETTER = /[^\p{L}]+/gu
const LATIN = /[a-z]/
/** Letters of a word that are listened to: no name is longer, and what is may be a megabyte. */
const MOST_LETTERS = 100

/** Whether a string parameter is matched by sound: those of R4 that are named so. */
export function isPhonetic({ code, url }: SearchParameterDefinition): boolean {
  return code === 'phonetic' && url.startsWith('http://hl7.org/fhir/SearchParameter/')
}

/**
 * For each word of a text, the keys that Double Metaphone gives it: one or two, as it may be spoken. A word without
 * Latin letters, of which it knows nothing, sounds like itself alone; one without any letter is left out.
 */
export function soundsOfWords(text: string): string[][] {
  const words = foldString(text).split(BETWEEN_WORDS)
  return words.map(soundsOfWord).filter((sounds) => sounds.length > 0)
}

/** All the keys of a text's words, each once. */
export function soundsOf(text: string): string[] {
  return [...new Set(soundsOfWords(text).flat())]
}

function soundsOfWord(word: string): string[] {
  const letters = word.replace(NOT_LETTER, '').slice(0, MOST_LETTERS).toWellFormed()
  if (letters === '') return []
  const keys = LATIN.test(letters) ? doubleMetaphone(letters).filter((key) => key !== '') : []
  return keys.length === 0 ? [letters] : [...new Set(keys)]
}
