// The grammar of `_filter` (https://hl7.org/fhir/R4/search_filter.html), read into a tree.

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | FilterTest

export interface FilterTest {
  readonly kind: 'test'
  readonly path: FilterPath
  readonly operator: string
  readonly value: string
}

export interface FilterPath {
  readonly name: string
  /** What stands in brackets behind the name; then there is a `next`. */
  readonly filter: Filter | undefined
  readonly next: FilterPath | undefined
}

/** Where a filter breaks the grammar, and what would be right there. */
export class FilterFault extends Error {}

/** Filters, brackets and changes between `and` and `or` within each other. */
const MOST_NESTING = 50

const SPACE = /\s*/y
const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y
const OPERATOR = /\s+([A-Za-z]+)\s+/y
const STRING = /"(?:[^"\\]|\\.)*"/sy
const TOKEN = /[^\s)\]"][^\s)\]]*/y
const LOGIC = /\s*\b(and|or)(?=[\s(])\s*/iy
const NOT = /not(?=[\s(])\s*/iy
const END = /(?=[\s)\]]|$)/y

/**
 * `and` and `or` are taken from left to right, neither before the other, as R4 says.
 * @throws FilterFault
 */
export function parseFilter(text: string): Filter {
  return new FilterText(text).read()
}

class FilterText {
  readonly #text: string
  #at = 0
  #nesting = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Filter {
    const filter = this.#filter()
    this.#match(SPACE)
    if (this.#at < this.#text.length) throw this.#fault('and, or, or the end')
    return filter
  }

  #filter(): Filter {
    this.#enter()
    let filter = this.#operand()
    /** Of `filter`, when it stands here without parentheses. */
    let joined: Filter[] = []
    let changes = 0
    for (let match = this.#match(LOGIC); match !== undefined; match = this.#match(LOGIC)) {
      const kind = match[1]?.toLowerCase() as 'and' | 'or'
      const next = this.#operand()
      if (filter.kind === kind && changes > 0) joined.push(next)
      else {
        joined = [filter, next]
        filter = { kind, filters: joined }
        changes += 1
        this.#enter()
      }
    }
    this.#nesting -= changes + 1
    return filter
  }

  #operand(): Filter {
    this.#match(SPACE)
    if (this.#match(NOT) !== undefined) {
      this.#enter()
      const filter = this.#operand()
      this.#nesting -= 1
      return { kind: 'not', filter }
    }
    if (!this.#take('(')) return this.#test()
    const filter = this.#filter()
    this.#match(SPACE)
    if (!this.#take(')')) throw this.#fault('a closing parenthesis')
    return filter
  }

  #test(): FilterTest {
    const path = this.#path()
    const operator = this.#match(OPERATOR)?.[1]
    if (operator === undefined) throw this.#fault('an operator between spaces, such as eq, and a value')
    return { kind: 'test', path, operator: operator.toLowerCase(), value: this.#value() }
  }

  #path(): FilterPath {
    this.#enter()
    const name = this.#match(NAME)?.[0]
    if (name === undefined) throw this.#fault('the name of a search parameter')
    let filter: Filter | undefined
    if (this.#take('[')) {
      filter = this.#filter()
      this.#match(SPACE)
      if (!this.#take(']')) throw this.#fault('a closing bracket')
      if (this.#text[this.#at] !== '.') throw this.#fault('a point and the name of a search parameter')
    }
    const next = this.#take('.') ? this.#path() : undefined
    this.#nesting -= 1
    return { name, filter, next }
  }

  #value(): string {
    const quoted = this.#match(STRING)?.[0]
    const token = quoted === undefined ? this.#match(TOKEN)?.[0] : undefined
    if (this.#match(END) === undefined || (quoted ?? token) === undefined)
      throw this.#fault('a value: a word, a number, a date, or text in quotation marks')
    return quoted === undefined ? (token as string) : this.#unquoted(quoted)
  }

  #unquoted(text: string): string {
    try {
      return JSON.parse(text) as string
    } catch {
      throw new FilterFault(`${text.slice(0, 50)} is no string as JSON writes it`)
    }
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.#at += match[0].length
    return match
  }

  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false
    this.#at += 1
    return true
  }

  #enter(): void {
    this.#nesting += 1
    if (this.#nesting > MOST_NESTING)
      throw new FilterFault(`filters stand within each other more than ${MOST_NESTING} deep`)
  }

  #fault(right: string): FilterFault {
    const rest = this.#text.slice(this.#at, this.#at + 20)
    const where = rest === '' ? 'at its end' : `at ${JSON.stringify(rest)} (character ${this.#at + 1})`
    return new FilterFault(`${where} there should be ${right}`)
  }
}
