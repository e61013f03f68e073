// SVG as text (https://www.w3.org/TR/SVG2/): elements, attributes, and whatever people wrote escaped.

export type Attributes = Readonly<Record<string, string | number | undefined>>

/** @param children SVG, or text that `escaped` made */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value as string)}"`,
    )
    .join('')
  const inside = children.join('')
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`
}

/** A line of text; `x` and `y` are where its baseline begins, or ends, by `text-anchor`. */
export function text(words: string, attributes: Attributes): string {
  return element('text', attributes, escaped(words))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** As text or as an attribute's value. What no XML may hold is left out. */
export function escaped(words: string): string {
  return (
    words
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- XML 1.0 section 2.2 names them
      .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
      .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string)
  )
}

function rounded(value: number): string {
  return String(Number(value.toFixed(2)))
}

const NARROW = /[iljtfrI1.,:;'!|() -]/g

/** About how wide text is in a common sans-serif face, in the unit of `size`. */
export function widthOf(words: string, size: number): number {
  const narrow = words.match(NARROW)?.length ?? 0
  return size * (narrow * 0.32 + (words.length - narrow) * 0.58)
}

/** Less wide than any character is. */
const THINNEST = 0.3

/** Cut off with an ellipsis where it is wider. */
export function fitted(words: string, size: number, width: number): string {
  const most = Math.ceil(width / (size * THINNEST))
  if (words.length <= most && widthOf(words, size) <= width) return words
  const characters = Array.from(words.slice(0, most))
  while (characters.length > 1 && widthOf(`${characters.join('')}…`, size) > width) characters.pop()
  return `${characters.join('').trimEnd()}…`
}

/** In lines of at most this width, broken between words; what does not fit into `most` of them is cut off. */
export function lines(words: string, size: number, width: number, most: number): readonly string[] {
  const broken: string[] = []
  let rest = words.trim().replaceAll(/\s+/g, ' ')
  while (rest !== '' && broken.length < most - 1) {
    const [line, left] = firstLine(rest, size, width)
    broken.push(line)
    rest = left
  }
  return rest === '' ? broken : [...broken, fitted(rest, size, width)]
}

function firstLine(words: string, size: number, width: number): readonly [line: string, rest: string] {
  let end = 0
  while (end < words.length) {
    const space = words.indexOf(' ', end + 1)
    const next = space < 0 ? words.length : space
    if (widthOf(words.slice(0, next), size) > width) break
    end = next
  }
  if (end > 0) return [words.slice(0, end), words.slice(end).trim()]
  const space = words.indexOf(' ')
  const word = space < 0 ? words : words.slice(0, space)
  return [fitted(word, size, width), words.slice(word.length).trim()]
}
