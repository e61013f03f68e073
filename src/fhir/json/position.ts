// Where in a text something stands, for a person who will look there.

/** Line and column (in characters), both from 1, of an index into the text. */
export function positionAt(text: string, index: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, index)
  const lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1
  return { line: before.split(/\r\n|\n|\r/).length, column: index - lineStart + 1 }
}

/** The one character at an index, said so that it can be read; never more of the text than that. */
export function describeCharacter(text: string, index: number): string {
  const code = text.codePointAt(index)
  if (code === undefined) return 'the end of the text'
  if (code === 0x0a || code === 0x0d) return 'the end of the line'
  const isPlain = code > 0x20 && code < 0x7f
  return isPlain
    ? `'${String.fromCodePoint(code)}'`
    : `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
