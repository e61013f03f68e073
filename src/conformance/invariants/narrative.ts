// txt-1 and txt-2: a narrative is XHTML of plain formatting, with something in it (https://hl7.org/fhir/R4/narrative.html).
import type { JsonValue } from '../../fhir/index.ts'

/** HTML 4.0, chapters 7 to 11 and 15, with `a` and `img`. */
const ELEMENTS: ReadonlySet<string> = new Set(
  (
    'a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 ' +
    'h6 hr i img kbd li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var'
  ).split(' '),
)

/** Everywhere; events (`onclick`) and links to code are not among them. */
const ATTRIBUTES: ReadonlySet<string> = new Set(
  (
    'abbr accesskey align axis char charoff class colspan dir headers id lang rowspan scope span style tabindex title ' +
    'valign xml:lang xml:space xmlns'
  ).split(' '),
)

const ATTRIBUTES_OF: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'name'],
  img: ['alt', 'border', 'height', 'longdesc', 'src', 'width'],
  blockquote: ['cite'],
  q: ['cite'],
  table: ['border', 'cellpadding', 'cellspacing', 'frame', 'rules', 'summary', 'width'],
  col: ['width'],
  colgroup: ['width'],
  th: ['width'],
  td: ['nowrap', 'width'],
}

const XHTML = 'http://www.w3.org/1999/xhtml'

const TEXT = /[^<&]+/y
const ENTITY = /&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});/y
const COMMENT = /<!--(?:(?!--)[^])*-->/y
const TAG = /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y
const ATTRIBUTE = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g
const AMPERSAND_ALONE = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)/
const ACTIVE_LINK = /^(?:javascript|vbscript):/i
/** What XML 1.0 cannot hold: control characters, halves of a pair, U+FFFE and U+FFFF. */
// oxlint-disable-next-line no-control-regex -- they are what is sought
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/u

interface Reading {
  readonly wellFormed: boolean
  readonly hasContent: boolean
}

/** txt-1: well-formed, one `div`, and only the elements and attributes of plain formatting. */
export function narrativeIsPlain(div: JsonValue): boolean {
  return typeof div !== 'string' || read(div).wellFormed
}

/** txt-2: some text that is not white space, or an image. A `div` that cannot be read is txt-1's matter. */
export function narrativeHasContent(div: JsonValue): boolean {
  if (typeof div !== 'string') return true
  const { wellFormed, hasContent } = read(div)
  return hasContent || !wellFormed
}

function read(div: string): Reading {
  const broken: Reading = { wellFormed: false, hasContent: false }
  const open: string[] = []
  let hasContent = false
  let rootSeen = false
  let at = 0

  function match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at
    const found = pattern.exec(div)
    if (found !== null) at = pattern.lastIndex
    return found
  }

  if (NO_XML.test(div)) return broken
  while (at < div.length) {
    const text = match(TEXT)?.[0]
    if (text !== undefined) {
      // XML's own white space; a no-break space is content.
      const blank = /^[ \t\r\n]*$/.test(text)
      if ((open.length === 0 && !blank) || text.includes(']]>')) return broken
      hasContent ||= !blank
      continue
    }
    if (div[at] === '&') {
      if (open.length === 0 || !isCharacter(match(ENTITY)?.[0])) return broken
      hasContent = true
      continue
    }
    if (open.length > 0 && match(COMMENT) !== null) continue
    const tag = match(TAG)
    if (tag === null) return broken
    const [, closing, name = '', attributes = '', empty] = tag
    if (closing === '/') {
      if (attributes !== '' || empty === '/' || open.pop() !== name) return broken
      continue
    }
    if (open.length === 0 && (rootSeen || name !== 'div')) return broken
    rootSeen = true
    if (!ELEMENTS.has(name) || !attributesArePlain(name, attributes)) return broken
    if (name === 'img') hasContent = true
    if (empty !== '/') open.push(name)
  }
  return rootSeen && open.length === 0 ? { wellFormed: true, hasContent } : broken
}

function attributesArePlain(element: string, attributes: string): boolean {
  const seen = new Set<string>()
  for (const [, name = '', double, single] of attributes.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? ''
    if (seen.has(name) || AMPERSAND_ALONE.test(value)) return false
    seen.add(name)
    if (!ATTRIBUTES.has(name) && ATTRIBUTES_OF[element]?.includes(name) !== true) return false
    if (name === 'xmlns' && value !== XHTML) return false
    if ((name === 'href' || name === 'src') && ACTIVE_LINK.test(value.trim())) return false
  }
  return true
}

/** Whether a character reference names a character that XML can hold. */
function isCharacter(entity: string | undefined): boolean {
  if (entity === undefined) return false
  if (!entity.startsWith('&#')) return true
  const code = entity[2] === 'x' ? Number.parseInt(entity.slice(3), 16) : Number.parseInt(entity.slice(2), 10)
  return code <= 0x10ffff && !NO_XML.test(String.fromCodePoint(code))
}
