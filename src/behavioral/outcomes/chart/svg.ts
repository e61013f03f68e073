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

/** Cut off with an ellipsis where it is wider. */
export function fitted(words: string, size: number, width: number): string {
  if (widthOf(words, size) <= width) return words
  const characters = [...words]
  while (characters.length > 1 && widthOf(`${characters.join('')}…`, size) > width) characters.pop()
  return `${characters.join('').trimEnd()}…`
}

/** In lines of at most this width, broken between words. */
export function lines(words: string, size: number, width: number): readonly string[] {
  const broken: string[] = []
  for (const word of words.split(/\s+/)) {
    const last = broken.at(-1)
    const longer = `${last} ${word}`
    if (last === undefined || widthOf(longer, size) > width) broken.push(fitted(word, size, width))
    else broken[broken.length - 1] = longer
  }
  return broken
}
