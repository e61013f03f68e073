// Whether the text of a narrative may be put into XML as it is: one well-formed <div> of XHTML, and nothing about it.
import { SaxesParser } from 'saxes'
import { XHTML_NAMESPACE } from './namespaces.ts'

/** R4 sets no limit to a narrative's tags; nothing real comes near, and looking up namespaces costs by depth. */
export const MAX_NARRATIVE_DEPTH = 200

/** White space and comments may stand around the <div>. */
export function isNarrativeDiv(text: string): boolean {
  if (!text.isWellFormed()) return false
  try {
    checkDiv(text)
    return true
  } catch (error) {
    if (error instanceof Unsound) return false
    throw error
  }
}

/** Ends the parsing at the first fault. */
class Unsound extends Error {}

function checkDiv(text: string): void {
  const parser = new SaxesParser({ xmlns: true, position: false })
  let depth = 0
  const refuse = (): never => {
    throw new Unsound()
  }
  parser.on('error', refuse)
  parser.on('doctype', refuse)
  parser.on('xmldecl', refuse)
  parser.on('processinginstruction', refuse)
  parser.on('opentag', ({ local, prefix, uri }) => {
    if (uri !== XHTML_NAMESPACE || (depth === 0 && (local !== 'div' || prefix !== ''))) refuse()
    if (++depth > MAX_NARRATIVE_DEPTH) refuse()
  })
  parser.on('closetag', () => {
    depth--
  })
  parser.write(text).close()
}
