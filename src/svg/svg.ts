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

/** Widths of letters in Arial and what is drawn like it, as shares of the size; the first that fits counts. */
const WIDTHS: readonly (readonly [letters: RegExp, share: number])[] = [
  [/[iljtfrI1.,:;'!|() \-[\]]/, 0.34],
  [/[wmWM@%]/, 0.96],
  [/[a-z0-9+<>/"?_]/, 0.57],
  [/[–−≤≥]/, 0.57],
  [/[\u0020-\u024F]/, 0.75],
]
const WIDEST = 1.1
/** By code unit, as far as Latin goes. */
const LATIN = Float64Array.from({ length: 0x250 }, (_, code) => {
  const letter = String.fromCharCode(code)
  return WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? WIDEST
})

/** About how wide text is, in the unit of `size`: rather more than less. */
export function widthOf(words: string, size: number): number {
  let width = 0
  for (let at = 0; at < words.length; at++) width += shareAt(words, at)
  return width * size
}

function shareAt(words: string, at: number): number {
  return (
    LATIN[words.charCodeAt(at)] ??
    WIDTHS.find(([letters]) => letters.test(words[at] as string))?.[1] ??
    WIDEST
  )
}

/** Cut off with an ellipsis where it is wider. */
export function fitted(words: string, size: number, width: number): string {
  const room = width / size
  let [taken, end] = [0, 0]
  for (let at = 0; at < words.length; at++) {
    taken += shareAt(words, at)
    if (taken > room) return `${words.slice(0, Math.max(1, end)).trimEnd()}…`
    if (taken + WIDEST <= room) end = at + 1
  }
  return words
}

/** In lines of at most this width, broken between words; what does not fit into `most` of them is cut off. */
export function lines(words: string, size: number, width: number, most: number): readonly string[] {
  const broken: string[] = []
  let rest = words.trim().replaceAll(/\s+/g, ' ')
  while (rest !== '' && broken.length < most - 1) {
    const end = endOfLine(rest, size, width)
    const word = rest.split(' ', 1)[0] as string
    broken.push(end > 0 ? rest.slice(0, end) : fitted(word, size, width))
    rest = rest.slice(end > 0 ? end : word.length).trimStart()
  }
  return rest === '' ? broken : [...broken, fitted(rest, size, width)]
}

/** Where the last word ends that fits into one line; 0 where the first does not. */
function endOfLine(words: string, size: number, width: number): number {
  const room = width / size
  let [taken, end] = [0, 0]
  for (let at = 0; at < words.length; at++) {
    if (words[at] === ' ') end = at
    taken += shareAt(words, at)
    if (taken > room) return end
  }
  return words.length
}
