// Splits a value at `,`, `|` and `$`, where no backslash stands before them (https://hl7.org/fhir/R4/search.html#escaping).

/** The parts between unescaped separators; their escapes stay. */
export function splitUnescaped(text: string, separator: ',' | '|' | '$'): string[] {
  if (!text.includes('\\')) return text.split(separator)
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === separator) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** `\,` `\|` `\$` `\\` stand for what follows the backslash; before anything else a backslash is itself. */
export function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,|$\\])/g, '$1') : text
}

/** The text whose `unescaped` this is, without separators. */
export function escaped(text: string): string {
  return text.replace(/[,|$\\]/g, '\\$&')
}
