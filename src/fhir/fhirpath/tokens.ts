// Cuts a FHIRPath expression into tokens (https://hl7.org/fhirpath/N1/grammar.html).
import { FhirError } from '../errors.ts'

export interface Token {
  /**
   * `word` is an identifier or keyword, `name` a back-ticked identifier, `temporal` what follows `@`,
   * `dollar` a `$this` and `percent` a `%resource`, both without their sign.
   */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'temporal' | 'dollar' | 'percent' | 'symbol' | 'end'
  /** The token's meaning: escapes and quotes are gone. */
  readonly text: string
  /** Offset into the expression, in UTF-16 units. */
  readonly at: number
}

const SKIPPED = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y
/** Characters of an expression: five times the longest of R4's own. */
const MAX_LENGTH = 10_000
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /[0-9]+(?:\.[0-9]+)?/y
const TIME = '[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]+)?)?)?'
const TEMPORAL = new RegExp(
  `@(T${TIME}|[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?(?:T(?:${TIME}(?:Z|[+-][0-9]{2}:[0-9]{2})?)?)?)`,
  'y',
)
const SYMBOL = /<=|>=|!=|!~|[.,()[\]{}+\-*/&|<>=~]/y
const ESCAPED: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', f: '\f' }

/** The tokens of an expression, the last of kind `end`; throws FhirError('malformed') with the position. */
export function fhirPathTokens(text: string): readonly Token[] {
  if (text.length > MAX_LENGTH)
    throw malformedFhirPath(text, MAX_LENGTH, `it is longer than ${MAX_LENGTH} characters`)
  const tokens: Token[] = []
  let at = 0

  function match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) return undefined
    at = pattern.lastIndex
    return found
  }

  /** Reads from the opening quote at `at` to its fellow; a backslash that escapes nothing is dropped. */
  function quoted(): string {
    const start = at
    const quote = text[at]
    let value = ''
    for (at += 1; at < text.length; at += 1) {
      const character = text[at] as string
      if (character === quote) {
        at += 1
        return value
      }
      if (character !== '\\') {
        value += character
        continue
      }
      at += 1
      const escape = text[at] ?? ''
      if (escape === 'u' && /^[0-9A-Fa-f]{4}$/.test(text.slice(at + 1, at + 5))) {
        value += String.fromCharCode(Number.parseInt(text.slice(at + 1, at + 5), 16))
        at += 4
      } else {
        value += ESCAPED[escape] ?? escape
      }
    }
    throw malformedFhirPath(text, start, 'a quoted text is not closed')
  }

  for (;;) {
    match(SKIPPED)
    const start = at
    const character = text[at]
    if (text.startsWith('/*', at)) throw malformedFhirPath(text, at, 'a comment is not closed')
    if (character === undefined) {
      tokens.push({ kind: 'end', text: 'the end', at })
      return tokens
    }
    if (character === "'") tokens.push({ kind: 'string', text: quoted(), at: start })
    else if (character === '`') tokens.push({ kind: 'name', text: quoted(), at: start })
    else if (character === '@') {
      const found = match(TEMPORAL)
      if (found === undefined)
        throw malformedFhirPath(text, start, 'a date or time literal is expected after @')
      tokens.push({ kind: 'temporal', text: found[1] as string, at: start })
    } else if (character === '%' || character === '$') {
      at += 1
      const isQuoted = character === '%' && (text[at] === "'" || text[at] === '`')
      const name = isQuoted ? quoted() : match(WORD)?.[0]
      if (name === undefined) throw malformedFhirPath(text, start, `a name is expected after ${character}`)
      tokens.push({ kind: character === '%' ? 'percent' : 'dollar', text: name, at: start })
    } else {
      const word = match(WORD)?.[0]
      const number = word === undefined ? match(NUMBER)?.[0] : undefined
      const symbol = word === undefined && number === undefined ? match(SYMBOL)?.[0] : undefined
      if (word !== undefined) tokens.push({ kind: 'word', text: word, at: start })
      else if (number !== undefined) tokens.push({ kind: 'number', text: number, at: start })
      else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at: start })
      else throw malformedFhirPath(text, start, `'${character}' has no meaning here`)
    }
  }
}

/** The error for an expression that cannot be read; `at` is told counting from 1. */
export function malformedFhirPath(text: string, at: number, problem: string): FhirError {
  return new FhirError('malformed', `FHIRPath '${shortFhirPath(text)}', character ${at + 1}: ${problem}`)
}

/** An expression as a message shows it. */
export function shortFhirPath(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 157)}...`
}
