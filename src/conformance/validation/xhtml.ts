// Narrative content (https://hl7.org/fhir/R4/narrative.html): well-formed XHTML of the allowed kind, nothing active.
import { MAX_NARRATIVE_DEPTH } from '../../fhir/index.ts'

const NAMESPACE = 'http://www.w3.org/1999/xhtml'

/** HTML 4.0, chapters 7 to 11 (less 9.4) and 15, with links and images. */
const ELEMENTS = new Set(
  (
    'a abbr acronym address area b bdo big blockquote br caption center cite code col colgroup dd dfn div dl dt em ' +
    'font h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q s samp small span strike strong sub sup table tbody td ' +
    'tfoot th thead tr tt u ul var'
  ).split(' '),
)

const ATTRIBUTES = new Set(
  (
    'abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset cite class clear color ' +
    'cols colspan compact coords dir face frame headers height href hreflang hspace id ismap lang longdesc name nohref ' +
    'noshade nowrap rel rev rowspan rules scope shape size span src start style summary tabindex target title type ' +
    'usemap valign value vspace width xml:lang xml:space xmlns'
  ).split(' '),
)

const ACTIVE_ELEMENTS = new Set(
  'script style link meta base form input button select textarea iframe frame frameset object embed applet'.split(
    ' ',
  ),
)

// White space is XML's: no \s, which knows more.
const TAG =
  /<(\/?)([A-Za-z][\w:.-]*)((?:[ \t\r\n]+[A-Za-z_][\w:.-]*[ \t\r\n]*=[ \t\r\n]*(?:"[^"<]*"|'[^'<]*'))*)[ \t\r\n]*(\/?)>/y
const ATTRIBUTE = /([A-Za-z_][\w:.-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)')/g
const REFERENCE = /&(?:#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|\w{1,32});/y
const XML_ENTITIES = new Set(['&amp;', '&lt;', '&gt;', '&quot;', '&apos;'])
// Browsers skip white space and control characters within a scheme.
const SKIPPED = /[\p{Cc}\s]/gu
const ACTIVE_URL = /^(?:javascript|vbscript|data(?!:image\/(?:png|gif|jpe?g|webp|bmp)[;,])):/i
const ACTIVE_STYLE = /expression\(|javascript:|vbscript:|behaviou?r:|-moz-binding|@import/i

interface Tag {
  readonly name: string
  readonly kind: 'open' | 'close' | 'empty'
}

/** Nearly all tags that are ever met, by their text; the rest are parsed. */
const PLAIN_TAGS: ReadonlyMap<string, Tag> = new Map(
  [...ELEMENTS].flatMap((name): [string, Tag][] => [
    [`<${name}>`, { name, kind: 'open' }],
    [`</${name}>`, { name, kind: 'close' }],
    [`<${name}/>`, { name, kind: 'empty' }],
    [`<${name} />`, { name, kind: 'empty' }],
  ]),
)

/** What is wrong with the text of `Narrative.div`, as the end of a sentence; undefined when it is right. */
export function xhtmlFault(text: string): string | undefined {
  const open: string[] = []
  const references = text.includes('&')
  let content = false
  let closed = false
  let at = 0
  while (at < text.length) {
    const next = text.indexOf('<', at)
    const end = next === -1 ? text.length : next
    if (end > at && hasContent(text, at, end)) {
      if (open.length === 0) return NOT_ONE_DIV
      const run = text.slice(at, end)
      if (run.includes(']]>')) return 'is not XHTML: outside of tags ]]> must be written ]]&gt;'
      const fault = references ? referenceFault(run) : undefined
      if (fault !== undefined) return fault
      content = true
    }
    if (next === -1) break
    if (text.startsWith('<!--', next)) {
      const close = text.indexOf('--', next + 4)
      if (close === -1 || text[close + 2] !== '>')
        return 'is not XHTML: a comment does not end with -->, or holds --'
      at = close + 3
      continue
    }
    const tag = readTag(text, next, open.length === 0)
    if (typeof tag === 'string') return tag
    at = next + tag.length
    if (tag.kind === 'close') {
      const expected = open.pop()
      if (expected !== tag.name) return misplaced(tag.name, expected)
      closed = open.length === 0
      continue
    }
    if (closed) return NOT_ONE_DIV
    if (tag.name === 'img') content = true
    if (open.length >= MAX_NARRATIVE_DEPTH)
      return `holds tags more than ${MAX_NARRATIVE_DEPTH} levels deep, which this server does not take`
    if (tag.kind === 'open') open.push(tag.name)
    else closed = open.length === 0
  }
  if (open.length > 0) return `is not XHTML: <${open.at(-1)}> is never closed`
  if (!closed) return NOT_ONE_DIV
  return content ? undefined : 'is empty: a narrative needs text or an image (txt-2)'
}

const NOT_ONE_DIV = 'is not XHTML: all of it must stand within one <div>'

function misplaced(name: string, expected: string | undefined): string {
  return `is not XHTML: </${name}> stands where ${expected === undefined ? 'nothing is open' : `</${expected}> should`}`
}

function hasContent(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return true
  }
  return false
}

/** The tag at `start`, or what is wrong with it. */
function readTag(text: string, start: number, root: boolean): (Tag & { readonly length: number }) | string {
  if (!root) {
    const end = text.indexOf('>', start) + 1
    const plain = PLAIN_TAGS.get(text.slice(start, end))
    if (plain !== undefined) return { name: plain.name, kind: plain.kind, length: end - start }
  }
  TAG.lastIndex = start
  const tag = TAG.exec(text)
  if (!tag) return `is not XHTML: ${JSON.stringify(text.slice(start, start + 40))} is no well-formed tag`
  const [{ length }, slash, name = '', attributes = '', empty] = tag
  if (slash) {
    if (attributes !== '' || empty) return `is not XHTML: </${name}> may have no attributes`
    return { name, kind: 'close', length }
  }
  const fault = elementFault(name) ?? attributesFault(name, attributes, root)
  return fault ?? { name, kind: empty ? 'empty' : 'open', length }
}

function elementFault(name: string): string | undefined {
  if (ELEMENTS.has(name)) return undefined
  if (ACTIVE_ELEMENTS.has(name.toLowerCase())) return `holds <${name}>, which no narrative may have (txt-1)`
  return `holds <${name}>, which is not among the elements that a narrative may have (txt-1)`
}

function attributesFault(element: string, attributes: string, root: boolean): string | undefined {
  let namespace: string | undefined
  if (attributes !== '') {
    const seen = new Set<string>()
    for (const [, name = '', double, single = ''] of attributes.matchAll(ATTRIBUTE)) {
      const value = double ?? single
      if (seen.has(name)) return `is not XHTML: <${element}> has the attribute ${name} twice`
      seen.add(name)
      if (!ATTRIBUTES.has(name))
        return `has the attribute ${name} on <${element}>, which no narrative may have (txt-1)`
      const fault = referenceFault(value)
      if (fault) return fault
      if (name === 'xmlns') namespace = value
      else if (isActive(name, value))
        return `has active content in the attribute ${name} of <${element}> (txt-1)`
    }
  }
  if (root && element !== 'div') return `is not XHTML of a narrative: it must be one <div>, not <${element}>`
  if (root ? namespace !== NAMESPACE : namespace !== undefined && namespace !== NAMESPACE)
    return `must have xmlns="${NAMESPACE}" on its <div>`
  return undefined
}

function isActive(name: string, value: string): boolean {
  if (name === 'style') return ACTIVE_STYLE.test(decoded(value))
  const isUrl =
    name === 'href' || name === 'src' || name === 'cite' || name === 'longdesc' || name === 'usemap'
  return isUrl && ACTIVE_URL.test(decoded(value))
}

function decoded(value: string): string {
  return value
    .replace(/&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));/g, (_, hex?: string, decimal?: string) => {
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return point <= 0x10ffff ? String.fromCodePoint(point) : ''
    })
    .replace(SKIPPED, '')
}

/** XML knows five entities; those of HTML have to be written as characters. */
function referenceFault(run: string): string | undefined {
  for (let at = run.indexOf('&'); at !== -1; at = run.indexOf('&', at + 1)) {
    REFERENCE.lastIndex = at
    const reference = REFERENCE.exec(run)?.[0]
    if (reference === undefined) return 'is not XHTML: & must be written &amp;'
    if (reference[1] === '#') {
      if (!namesCharacter(reference)) return `is not XHTML: ${reference} names no character that XML may hold`
    } else if (!XML_ENTITIES.has(reference))
      return `is not XHTML: ${reference} is an entity of HTML alone; write the character itself`
  }
  return undefined
}

/** https://www.w3.org/TR/xml/#NT-Char */
function namesCharacter(reference: string): boolean {
  const hexadecimal = reference[2] === 'x'
  const point = Number.parseInt(reference.slice(hexadecimal ? 3 : 2), hexadecimal ? 16 : 10)
  if (point < 0x20) return point === 0x9 || point === 0xa || point === 0xd
  return point <= 0xd7ff || (point >= 0xe000 && point <= 0xfffd) || (point >= 0x10000 && point <= 0x10ffff)
}
