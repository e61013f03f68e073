// The words of a resource by which full-text search finds it; every store adapter uses these.
import { isJsonObject, type JsonObject, type JsonValue } from '../fhir/resource.ts'

/** The strings of a resource, each as its words: no phrase reaches from one into the next. */
export interface ResourceWords {
  /** Of the narrative, mark-up aside. */
  readonly narrative: readonly (readonly string[])[]
  /** Of every string value, those of the narrative too. */
  readonly content: readonly (readonly string[])[]
}

const WORD = /[\p{L}\p{N}]+/gu
const MARKS = /\p{M}+/gu
// A comment or tag that does not end reaches to the end of the text, so that no end is looked for twice.
const MARKUP = /<!--.*?(?:-->|$)|<[^>]*>?/gs
const BLOCK_OR_SPACE = /<\/?(?:p|div|li|ul|ol|tr|td|th|table|br|h[1-6])\b[^<>]*>/gi
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w+));/g
/** Machine text that nobody searches by words. */
const PASSED_OVER: ReadonlySet<string> = new Set(['resourceType', 'id', 'reference', 'data', 'div'])

// oxlint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\x00-\x7f]*$/
const ASCII_WORD = /[a-z0-9]+/g

/** Lower case, without accents; letters and digits only. */
export function wordsOf(text: string): string[] {
  // The same, sooner.
  if (ASCII.test(text)) return text.toLowerCase().match(ASCII_WORD) ?? []
  const folded = text.normalize('NFKD').toLowerCase().replace(MARKS, '')
  return folded.match(WORD) ?? []
}

/** Contained resources count for `content` of their container; ids, references and attachments' bytes for nothing. */
export function resourceWords(resource: JsonObject): ResourceWords {
  const narrative: string[][] = []
  const content: string[][] = []
  const add = (text: string): void => {
    const words = wordsOf(text)
    if (words.length > 0) content.push(words)
  }
  const walk = (value: JsonValue): void => {
    if (typeof value === 'string') add(value)
    else if (Array.isArray(value)) for (const item of value) walk(item)
    else if (isJsonObject(value)) {
      for (const key of Object.keys(value)) {
        if (!PASSED_OVER.has(key)) walk(value[key] as JsonValue)
        else if (key === 'div' && typeof value.div === 'string') add(shownText(value.div))
      }
    }
  }
  walk(resource)
  const div = isJsonObject(resource.text) ? resource.text.div : undefined
  if (typeof div === 'string') {
    const words = wordsOf(shownText(div))
    if (words.length > 0) narrative.push(words)
  }
  return { narrative, content }
}

/** XHTML without its tags; where a block begins or ends, words end too. */
function shownText(div: string): string {
  return div
    .replace(BLOCK_OR_SPACE, ' ')
    .replace(MARKUP, '')
    .replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? ' '
      const point = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole
    })
}

/** Whether the words stand in one of the texts, one behind the other. */
export function holdsPhrase(texts: readonly (readonly string[])[], phrase: readonly string[]): boolean {
  return texts.some((words) =>
    words.some((_, at) => phrase.every((word, offset) => words[at + offset] === word)),
  )
}
