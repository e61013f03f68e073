// FHIRPath text to a syntax tree (https://hl7.org/fhirpath/N1/grammar.html).
import { fhirPathTokens, malformedFhirPath, shortFhirPath, type Token } from './tokens.ts'

export type BinaryOperator =
  | '*' | '/' | 'div' | 'mod' | '+' | '-' | '&' | '|' | '<=' | '<' | '>' | '>=' | '=' | '~' | '!=' | '!~'
  | 'in' | 'contains' | 'and' | 'or' | 'xor' | 'implies' // biome-ignore format: a list

/** One node of an expression. Where `input` is undefined, the node works on the focus (`$this`). */
export type FhirPathNode =
  /** `{}` */
  | { readonly kind: 'empty' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  /** As written: `1.00` stays `1.00`; with a point it is a Decimal, else an Integer. */
  | { readonly kind: 'number'; readonly text: string }
  /** Without the `@`; a time begins with `T`, a dateTime holds a `T`. */
  | { readonly kind: 'date' | 'dateTime' | 'time'; readonly text: string }
  /** `unit` is a UCUM code, or a calendar word in the singular when `calendar`. */
  | { readonly kind: 'quantity'; readonly text: string; readonly unit: string; readonly calendar: boolean }
  /** `$this`, `$index`, `$total` */
  | { readonly kind: 'this' | 'index' | 'total' }
  /** `%resource` */
  | { readonly kind: 'environment'; readonly name: string }
  /** A path step; the first name of an expression may also be the type of the focus (`Patient.name`). */
  | { readonly kind: 'member'; readonly input: FhirPathNode | undefined; readonly name: string }
  | {
      readonly kind: 'call'
      readonly input: FhirPathNode | undefined
      readonly name: string
      readonly args: readonly FhirPathNode[]
    }
  | { readonly kind: 'indexer'; readonly input: FhirPathNode; readonly index: FhirPathNode }
  | { readonly kind: 'unary'; readonly operator: '+' | '-'; readonly operand: FhirPathNode }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: FhirPathNode
      readonly right: FhirPathNode
    }
  /** `x is T`, `x as T` and the functions `is(T)`, `as(T)`, `ofType(T)`; `type` may be qualified: `FHIR.Quantity`. */
  | {
      readonly kind: 'type'
      readonly operator: 'is' | 'as' | 'ofType'
      readonly input: FhirPathNode | undefined
      readonly type: string
    }

/** How tightly each infix operator binds; all are left-associative. */
const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  [
    ['implies'],
    ['or', 'xor'],
    ['and'],
    ['in', 'contains'],
    ['=', '~', '!=', '!~'],
    ['<=', '<', '>', '>='],
    ['|'],
    ['is', 'as'],
    ['+', '-', '&'],
    ['*', '/', 'div', 'mod'],
  ].flatMap((operators, level) => operators.map((operator): [string, number] => [operator, level + 1])),
)

/** Keywords that the grammar does not let stand for an element's name. */
const RESERVED: ReadonlySet<string> = new Set(['div', 'mod', 'and', 'or', 'xor', 'implies', 'true', 'false'])

const CALENDAR_UNIT = /^(year|month|week|day|hour|minute|second|millisecond)s?$/

/** Nesting beyond this is refused, so that a hostile expression cannot exhaust the stack. */
const MAX_DEPTH = 200
/** So many steps or operators in a row, for the tree of `a.b.c` is as deep as it is long. */
const MAX_IN_ROW = 500

/** The tree of an expression; throws FhirError('malformed') that names the position. */
export function parseFhirPath(text: string): FhirPathNode {
  const parser = new Parser(text)
  return parser.whole()
}

class Parser {
  private readonly text: string
  private readonly tokens: readonly Token[]
  private position = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
    this.tokens = fhirPathTokens(text)
  }

  whole(): FhirPathNode {
    const node = this.expression(0)
    if (this.token.kind !== 'end') throw this.unexpected('an operator or the end')
    return node
  }

  private get token(): Token {
    return this.tokens[this.position] as Token
  }

  private next(): Token {
    const token = this.token
    this.position += 1
    return token
  }

  private sees(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol
  }

  private expect(symbol: string): void {
    if (!this.sees(symbol)) throw this.unexpected(`'${symbol}'`)
    this.position += 1
  }

  private unexpected(wanted: string): Error {
    return malformedFhirPath(
      this.text,
      this.token.at,
      `${wanted} is expected, not '${shortFhirPath(this.token.text)}'`,
    )
  }

  private checkRow(inRow: number): void {
    if (inRow <= MAX_IN_ROW) return
    throw malformedFhirPath(this.text, this.token.at, `more than ${MAX_IN_ROW} steps stand in a row`)
  }

  /** An expression whose infix operators all bind tighter than `floor`. */
  private expression(floor: number): FhirPathNode {
    this.depth += 1
    if (this.depth > MAX_DEPTH) throw malformedFhirPath(this.text, this.token.at, 'it is nested too deeply')
    let left = this.polarity()
    for (let inRow = 0; ; inRow++) {
      this.checkRow(inRow)
      const { kind, text } = this.token
      const level = kind === 'word' || kind === 'symbol' ? PRECEDENCE.get(text) : undefined
      if (level === undefined || level <= floor) break
      this.position += 1
      left =
        text === 'is' || text === 'as'
          ? { kind: 'type', operator: text, input: left, type: this.typeSpecifier() }
          : { kind: 'binary', operator: text as BinaryOperator, left, right: this.expression(level) }
    }
    this.depth -= 1
    return left
  }

  private polarity(): FhirPathNode {
    if (!this.sees('-') && !this.sees('+')) return this.postfix()
    this.depth += 1
    if (this.depth > MAX_DEPTH) throw malformedFhirPath(this.text, this.token.at, 'it is nested too deeply')
    const operator = this.next().text as '+' | '-'
    const operand = this.polarity()
    this.depth -= 1
    return { kind: 'unary', operator, operand }
  }

  private postfix(): FhirPathNode {
    let node = this.term()
    for (let inRow = 0; ; inRow++) {
      this.checkRow(inRow)
      if (this.sees('.')) {
        this.position += 1
        node = this.invocation(node)
      } else if (this.sees('[')) {
        this.position += 1
        const index = this.expression(0)
        this.expect(']')
        node = { kind: 'indexer', input: node, index }
      } else return node
    }
  }

  private term(): FhirPathNode {
    const { kind, text } = this.token
    if (kind === 'symbol' && text === '(') {
      this.position += 1
      const node = this.expression(0)
      this.expect(')')
      return node
    }
    if (kind === 'symbol' && text === '{') {
      this.position += 1
      this.expect('}')
      return { kind: 'empty' }
    }
    if (kind === 'string') {
      this.position += 1
      return { kind: 'string', value: text }
    }
    if (kind === 'number') return this.number()
    if (kind === 'temporal') {
      this.position += 1
      return { kind: text.startsWith('T') ? 'time' : text.includes('T') ? 'dateTime' : 'date', text }
    }
    if (kind === 'percent') {
      this.position += 1
      return { kind: 'environment', name: text }
    }
    if (kind === 'word' && (text === 'true' || text === 'false')) {
      this.position += 1
      return { kind: 'boolean', value: text === 'true' }
    }
    return this.invocation(undefined)
  }

  private number(): FhirPathNode {
    const { text } = this.next()
    if (this.token.kind === 'string') {
      return { kind: 'quantity', text, unit: this.next().text, calendar: false }
    }
    const word = this.token.kind === 'word' ? CALENDAR_UNIT.exec(this.token.text) : null
    if (word === null) return { kind: 'number', text }
    this.position += 1
    return { kind: 'quantity', text, unit: word[1] as string, calendar: true }
  }

  private invocation(input: FhirPathNode | undefined): FhirPathNode {
    if (this.token.kind === 'dollar') {
      const { text } = this.token
      if (text !== 'this' && text !== 'index' && text !== 'total') {
        throw this.unexpected('$this, $index or $total')
      }
      this.position += 1
      // `a.$this` is legal grammar and says `a`.
      return text === 'this' && input !== undefined ? input : { kind: text }
    }
    const name = this.identifier()
    if (!this.sees('(')) return { kind: 'member', input, name }
    this.position += 1
    if (name === 'is' || name === 'as' || name === 'ofType') {
      const type = this.typeSpecifier()
      this.expect(')')
      return { kind: 'type', operator: name, input, type }
    }
    const args: FhirPathNode[] = []
    if (!this.sees(')')) {
      args.push(this.expression(0))
      while (this.sees(',')) {
        this.position += 1
        args.push(this.expression(0))
      }
    }
    this.expect(')')
    return { kind: 'call', input, name, args }
  }

  private identifier(): string {
    const { kind, text } = this.token
    if (kind !== 'name' && (kind !== 'word' || RESERVED.has(text))) throw this.unexpected('a name')
    this.position += 1
    return text
  }

  private typeSpecifier(): string {
    let type = this.identifier()
    while (this.sees('.')) {
      this.position += 1
      type += `.${this.identifier()}`
    }
    return type
  }
}
