// Whether the text of a narrative may be put into XML as it is: one well-formed <div> of XHTML, and nothing about it.
import { SaxesParser } from 'saxes'
import { XHTML_NAMESPACE } from './namespaces.ts'

/** White space and comments may stand around the <div>. */
export function isNarrativeDiv(text: string): boolean {
  if (!text.isWellFormed()) return false
  const parser = new SaxesParser({ xmlns: true, position: false })
  let depth = 0
  let sound = true
  const refuse = (): void => {
    sound = false
  }
  parser.on('error', refuse)
  parser.on('doctype', refuse)
  parser.on('xmldecl', refuse)
  parser.on('processinginstruction', refuse)
  parser.on('opentag', ({ local, prefix, uri }) => {
    if (uri !== XHTML_NAMESPACE || (depth === 0 && (local !== 'div' || prefix !== ''))) refuse()
    depth++
  })
  parser.on('closetag', () => {
    depth--
  })
  parser.write(text).close()
  return sound
}
