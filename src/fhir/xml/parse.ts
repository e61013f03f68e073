// Reads FHIR's XML strictly into the model that its JSON has (https://hl7.org/fhir/R4/xml.html).
import { SaxesParser } from 'saxes'
import type { Definitions } from '../definitions/definition.ts'
import { FhirError } from '../errors.ts'
import { decodeUtf8 } from '../json/decode.ts'
import { MAX_DEPTH } from '../json/measure.ts'
import { positionAt } from '../json/position.ts'
import type { Resource } from '../resource.ts'
import { Builder } from './builder.ts'

/** Some ten milliseconds' worth. */
const STEP = 64 * 1024

/** What the XML parser says in few words, in those that help. */
const HINTS: ReadonlyMap<string, string> = new Map([
  [
    'undefined entity.',
    'the entity is not defined: XML has &amp;, &lt;, &gt;, &quot; and &apos;; write any other character itself',
  ],
  ['malformed character entity.', 'the reference names no character that XML may hold'],
  ['disallowed character.', 'this character may not stand here'],
  ['text data outside of root node.', 'text may not stand outside of the resource'],
  ['document must contain a root element.', 'no element was found; a resource was expected'],
  ['documents may contain only one root.', 'a second resource begins; only one may stand here'],
  ['unexpected end.', 'the text ends within a tag'],
  ['unquoted attribute value.', 'the value of an attribute must stand in quotes'],
  ['disallowed character in attribute name.', 'no attribute begins so; < in a value must be written &lt;'],
])

/**
 * The resource that these bytes say, equal to what parseJson gives of the same resource in JSON: numbers keep how they
 * were written, a narrative is kept as its text, comments within it too. A value that its type does not allow (`abc`
 * for an integer) is left in its place as text, for validation to find.
 *
 * Comments and processing instructions have no place in the model and are passed over; of a narrative's, the comments
 * are kept. No document type is read, so there are no entities but XML's own five, and nothing outside is ever asked
 * for. `maxDepth`: how deep objects and arrays may stand in the JSON of the same resource.
 * @throws FhirError `malformed`, saying the line, the column, the element (FHIRPath) and what would be right;
 * `unsupported-media-type` for another encoding than UTF-8
 */
export function parseXml(
  source: Uint8Array | string,
  definitions: Definitions,
  maxDepth = MAX_DEPTH,
): Resource {
  const steps = parseXmlInSteps(source, definitions, maxDepth)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** The same, pausing after every `STEP` characters so that others may have their turn. */
export function* parseXmlInSteps(
  source: Uint8Array | string,
  definitions: Definitions,
  maxDepth = MAX_DEPTH,
): Generator<void, Resource> {
  const text = typeof source === 'string' ? source : decodeUtf8(source, 'XML')
  const parser = new SaxesParser({ xmlns: true, position: false })
  const builder = new Builder(definitions, maxDepth, text, fail)
  /** The end of the last markup: where text begins. */
  let markupEnd = 0
  let tagStart = 0

  function fail(what: string, at: number, path?: string, code?: 'unsupported-media-type'): never {
    const { line, column } = positionAt(text, at)
    throw new FhirError(code ?? 'malformed', [
      {
        severity: 'error',
        code: code === undefined ? 'structure' : 'not-supported',
        diagnostics: `Line ${line}, column ${column}: ${what}${what.endsWith('?') ? '' : '.'}`,
        ...(path === undefined || path === '' ? {} : { expression: path }),
      },
    ])
  }

  parser.on('error', ({ message }) => {
    // Of names that it quotes, only that of a tag which was let in may not be somebody's.
    const plain = message.startsWith('unclosed tag') ? message : message.replace(/:.*$/s, '')
    const what = HINTS.get(message) ?? `this is not well-formed XML: ${plain.replace(/\.$/, '')}`
    fail(what, Math.max(0, parser.position - 1), builder.path)
  })
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== undefined && version !== '1.0') fail('XML 1.0 is read here, no other version', 0)
    if (encoding !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(encoding))
      fail('the XML declaration names another encoding than UTF-8', 0, undefined, 'unsupported-media-type')
    markupEnd = parser.position
  })
  parser.on('doctype', () =>
    fail(
      'a document type (<!DOCTYPE ...>) may not stand in FHIR; leave it out',
      text.lastIndexOf('<!DOCTYPE', parser.position),
    ),
  )
  parser.on('opentagstart', () => {
    tagStart = text.lastIndexOf('<', parser.position - 1)
  })
  parser.on('opentag', (tag) => {
    builder.open(tag, tagStart)
    markupEnd = parser.position
  })
  parser.on('closetag', (tag) => {
    builder.close(tag, tagStart, parser.position)
    markupEnd = parser.position
  })
  parser.on('text', (data) => builder.text(data, markupEnd))
  parser.on('cdata', (data) => builder.cdata(data, markupEnd))
  parser.on('comment', (data) => {
    builder.comment(data)
    markupEnd = parser.position
  })
  parser.on('processinginstruction', () => {
    builder.processingInstruction()
    markupEnd = parser.position
  })
  for (let at = 0; at < text.length; at += STEP) {
    if (at > 0) yield
    parser.write(text.slice(at, at + STEP))
  }
  parser.close()
  return builder.resource as Resource
}
