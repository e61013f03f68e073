// `_text` and `_content`: words, phrases, and, or, not and parentheses (https://hl7.org/fhir/R4/search.html#text).
import { and, not, or, textMatch, wordsOf, type Expression, type TextMatch } from '../../store/index.ts'
import { MOST_NESTING } from './budget.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import type { Reading } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'

const TOKEN = /"([^"]*)"|([()])|[^\s()"]+/g
const OPERATORS: readonly string[] = ['and', 'or', 'not']

interface Token {
  /** `words`: to be found; else an operator or a parenthesis. */
  readonly kind: 'words' | 'and' | 'or' | 'not' | '(' | ')'
  readonly text: string
}

/**
 * Words that stand side by side must all be there; `not` binds closer than `and`, and that closer than `or`; what
 * stands in quotes is a phrase. Commas separate alternatives.
 */
export function textExpression(
  scope: TextMatch['scope'],
  name: string,
  value: string,
  reading: Reading,
): Expression {
  const any = splitUnescaped(value, ',').map((text) =>
    new TextQuery(scope, name, unescaped(text), reading).read(),
  )
  return any.length === 1 ? (any[0] as Expression) : or(any)
}

class TextQuery {
  readonly #scope: TextMatch['scope']
  readonly #name: string
  readonly #text: string
  readonly #reading: Reading
  readonly #tokens: readonly Token[]
  #at = 0
  #nesting = 0

  constructor(scope: TextMatch['scope'], name: string, text: string, reading: Reading) {
    this.#scope = scope
    this.#name = name
    this.#text = text
    this.#reading = reading
    this.#tokens = tokensOf(text)
  }

  read(): Expression {
    if (this.#text.split('"').length % 2 === 0) throw this.#wrong('has a quotation mark without its fellow')
    if (this.#tokens.length === 0) throw this.#wrong('holds no word to search for')
    const read = this.#or()
    if (this.#at < this.#tokens.length) throw this.#wrong('has a parenthesis too many')
    return read
  }

  #or(): Expression {
    const any = [this.#and()]
    while (this.#take('or')) any.push(this.#and())
    return any.length === 1 ? (any[0] as Expression) : or(any)
  }

  #and(): Expression {
    const all = [this.#not()]
    for (;;) {
      const named = this.#take('and')
      const next = this.#tokens[this.#at]?.kind
      if (!named && next !== 'words' && next !== 'not' && next !== '(') break
      all.push(this.#not())
    }
    return all.length === 1 ? (all[0] as Expression) : and(all)
  }

  #not(): Expression {
    let reversed = false
    while (this.#take('not')) reversed = !reversed
    const one = this.#one()
    return reversed ? not(one) : one
  }

  #one(): Expression {
    const token = this.#tokens[this.#at++]
    this.#reading.budget.spend()
    if (token?.kind === 'words') return textMatch(this.#scope, wordsOf(token.text))
    if (token?.kind !== '(') throw this.#wrong('lacks a word where one is needed')
    this.#nesting += 1
    if (this.#nesting > MOST_NESTING) throw this.#wrong('has too many parentheses within each other')
    const inner = this.#or()
    if (!this.#take(')')) throw this.#wrong('has a parenthesis without its fellow')
    this.#nesting -= 1
    return inner
  }

  #take(kind: Token['kind']): boolean {
    if (this.#tokens[this.#at]?.kind !== kind) return false
    this.#at += 1
    return true
  }

  #wrong(reason: string): SearchFault {
    return new SearchFault(
      this.#name,
      'value',
      `${quoted(this.#text)} ${reason}. Right would be: (bone or liver) and "not metastatic".`,
    )
  }
}

/** Signs that are no part of a word are passed over. */
function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(TOKEN)].flatMap(([whole, phrase, parenthesis]): Token[] => {
    if (parenthesis !== undefined) return [{ kind: parenthesis as '(' | ')', text: whole }]
    const operator = whole.toLowerCase()
    if (phrase === undefined && OPERATORS.includes(operator))
      return [{ kind: operator as 'and' | 'or' | 'not', text: whole }]
    const words = phrase ?? whole
    return wordsOf(words).length === 0 ? [] : [{ kind: 'words', text: words }]
  })
}
