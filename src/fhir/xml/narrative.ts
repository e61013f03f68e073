// The XHTML of a narrative on its way into `Narrative.div`, as it was written (https://hl7.org/fhir/R4/narrative.html).
import type { SaxesTagNS } from 'saxes'
import { escapeAttribute, escapeText } from './characters.ts'
import { XHTML_NAMESPACE } from './namespaces.ts'

export class Narrative {
  /** Where its `<div` begins in the text. */
  readonly start: number
  /** Tags that are open. */
  depth = 0
  /** The same written anew, with nothing that hangs on what stands around it. */
  readonly #parts: string[] = []
  /** Whether the text as it was written can stand alone, and in JSON's readers' eyes is nothing but tags and text. */
  #standsAlone = true

  constructor(start: number) {
    this.start = start
  }

  open(tag: SaxesTagNS): void {
    const root = this.depth === 0
    const names = Object.keys(tag.attributes)
    if (tag.prefix !== '' || (root && tag.attributes['xmlns'] === undefined)) this.#standsAlone = false
    let text = `<${tag.local}${root ? ` xmlns="${XHTML_NAMESPACE}"` : ''}`
    for (const name of names) {
      const { prefix, value } = tag.attributes[name] as SaxesTagNS['attributes'][string]
      if (prefix === 'xmlns') this.#standsAlone = false
      else if (name !== 'xmlns') text += ` ${name}="${escapeAttribute(value)}"`
    }
    this.#parts.push(text, tag.isSelfClosing ? '/>' : '>')
    this.depth++
  }

  close(tag: SaxesTagNS): void {
    this.depth--
    if (!tag.isSelfClosing) this.#parts.push(`</${tag.local}>`)
  }

  text(text: string): void {
    this.#parts.push(escapeText(text))
  }

  /** Which no other reader of narratives need know. */
  cdata(text: string): void {
    this.#standsAlone = false
    this.text(text)
  }

  comment(text: string): void {
    this.#parts.push(`<!--${text}-->`)
  }

  processingInstruction(): void {
    this.#standsAlone = false
  }

  /** `written`: from `start` to the end of the closing tag. */
  result(written: string): string {
    return this.#standsAlone ? written : this.#parts.join('')
  }
}
