// On which line of FHIR's XML the element stands that a FHIRPath names, so that an editor can be opened there.
import { countLines, stepsOf } from './locate-line.ts'

/** A tag, or what is none though it begins with `<`. Of the tags of well-formed XML each matches, and in one way. */
const MARKUP =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(\/?)(?:[\w.-]+:)?([\w.-]+)(?:[^>"']|"[^"]*"|'[^']*')*>/g

/**
 * The line, from 1, of the deepest part of `path` (`Patient.name[0].use`, `Bundle.entry[2].resource.name`) that the
 * text has as an element. Understands plain paths only; the first step is the resource's type. `text` must be
 * well-formed.
 */
export function lineOfXmlElement(text: string, path: string): number {
  const wanted = elementsOf(path)
  let depth = 0
  /** Where the deepest part found so far stands, and how deep its tag is. */
  let found = 0
  let foundDepth = 0
  /** How many elements have the name that is sought now. */
  let count = 0
  for (const { 0: markup, 1: slash, 2: name = '', index } of text.matchAll(MARKUP)) {
    if (slash === undefined) continue
    if (slash === '/') {
      depth--
      if (depth < foundDepth) break
      continue
    }
    const empty = markup.endsWith('/>')
    depth++
    const [next] = wanted
    if (foundDepth === 0) {
      found = index
      foundDepth = 1
    } else if (depth === foundDepth + 1) {
      // A resource within contained or Bundle.entry.resource has a tag that no path names.
      if (/^[A-Z]/.test(name)) foundDepth = depth
      else if (next !== undefined && isNamed(name, next.name) && count++ === next.index) {
        wanted.shift()
        count = 0
        found = index
        foundDepth = depth
      }
    }
    if (empty) depth--
    if (wanted.length === 0 || depth < foundDepth) break
  }
  return countLines(text, found)
}

function isNamed(tag: string, name: string): boolean {
  return tag === name || (tag.startsWith(name) && /^[A-Z]/.test(tag.slice(name.length)))
}

/** `Patient.name[1].use` as the second `name` and the first `use`. */
function elementsOf(path: string): { readonly name: string; readonly index: number }[] {
  const elements: { name: string; index: number }[] = []
  for (const step of stepsOf(path)) {
    const last = elements.at(-1)
    if (typeof step === 'string') elements.push({ name: step, index: 0 })
    else if (last !== undefined) last.index = step
  }
  return elements
}
