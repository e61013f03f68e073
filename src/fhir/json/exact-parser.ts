// A JSON parser (https://www.rfc-editor.org/rfc/rfc8259) that refuses a property named twice and keeps how
// each number was written. It takes twice the time of JSON.parse, which can do neither.
import { FhirError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../resource.ts'
import { setWrittenForms } from './numerals.ts'
import { describeCharacter, positionAt } from './position.ts'

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// oxlint-disable-next-line no-control-regex -- JSON forbids them bare
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y
// oxlint-disable-next-line no-control-regex -- as above
const SPECIAL_CHARACTER = /[\\\u0000-\u001f]/
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const ELEMENT_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/
const LITERALS = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
])

export class ExactParser {
  readonly #text: string
  readonly #maxDepth: number
  #at = 0
  #depth = 0
  /** How the number just read was written, when `String(number)` differs. */
  #written: string | undefined

  constructor(text: string, maxDepth: number) {
    this.#text = text
    this.#maxDepth = maxDepth
  }

  /** @throws FhirError `malformed` */
  parse(): JsonValue {
    this.#skipSpace()
    if (this.#at === this.#text.length)
      throw new FhirError('malformed', 'The body is empty; a JSON text was expected.')
    const value = this.#value()
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#unexpected('nothing more after the end of the value')
    return value
  }

  #value(): JsonValue {
    this.#written = undefined
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#nested(true)
      case 0x5b:
        return this.#nested(false)
      case 0x22:
        return this.#string()
      default:
        return this.#number() ?? this.#literal()
    }
  }

  #nested(isObject: boolean): JsonValue {
    if (++this.#depth > this.#maxDepth)
      throw this.#error(`objects and arrays stand more than ${this.#maxDepth} levels deep`)
    this.#at++
    const value = isObject ? this.#object() : this.#array()
    this.#depth--
    this.#written = undefined
    return value
  }

  #object(): JsonObject {
    const object: JsonObject = {}
    let forms: Record<string, string> | undefined
    this.#skipSpace()
    if (this.#take('}')) return object
    do {
      this.#skipSpace()
      const start = this.#at
      if (this.#text.charCodeAt(start) !== 0x22) throw this.#unexpected('a property name in double quotes')
      const name = this.#string()
      this.#checkName(object, name, start)
      this.#skipSpace()
      if (!this.#take(':')) throw this.#unexpected("':'")
      this.#skipSpace()
      object[name] = this.#value()
      if (this.#written !== undefined) {
        forms ??= {}
        forms[name] = this.#written
      }
      this.#skipSpace()
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#unexpected("',' or '}'")
    if (forms !== undefined) setWrittenForms(object, forms)
    return object
  }

  #checkName(object: JsonObject, name: string, start: number): void {
    if (name !== '__proto__' && !Object.hasOwn(object, name)) return
    this.#at = start
    const named = ELEMENT_NAME.test(name) ? ` '${name}'` : ''
    throw this.#error(
      name === '__proto__'
        ? 'no property may have this name'
        : `the property${named} stands twice in its object`,
    )
  }

  #array(): JsonValue[] {
    const array: JsonValue[] = []
    let forms: Record<string, string> | undefined
    this.#skipSpace()
    if (this.#take(']')) return array
    do {
      this.#skipSpace()
      const item = this.#value()
      if (this.#written !== undefined) {
        forms ??= {}
        forms[array.length] = this.#written
      }
      array.push(item)
      this.#skipSpace()
    } while (this.#take(','))
    if (!this.#take(']')) throw this.#unexpected("',' or ']'")
    if (forms !== undefined) setWrittenForms(array, forms)
    return array
  }

  #string(): string {
    const start = this.#at + 1
    const end = this.#text.indexOf('"', start)
    const text = end < 0 ? '\\' : this.#text.slice(start, end)
    if (SPECIAL_CHARACTER.test(text)) return this.#escapedString(start)
    this.#at = end + 1
    return text
  }

  /** A string with escapes, or one that is faulty. */
  #escapedString(start: number): string {
    this.#at = start
    for (;;) {
      this.#match(PLAIN_CHARACTERS)
      const next = this.#text[this.#at]
      if (next === '"') break
      if (next !== '\\')
        throw this.#unexpected('the closing double quote (control characters must be escaped)')
      if (!this.#match(ESCAPE)) {
        throw this.#error(
          'this is no escape of JSON: after a backslash stands one of "\\/bfnrt, or u and four hexadecimal digits',
        )
      }
    }
    this.#at++
    return JSON.parse(this.#text.slice(start - 1, this.#at)) as string
  }

  #number(): number | undefined {
    const start = this.#at
    const written = this.#match(NUMBER)
    if (!written) return undefined
    const number = Number(written)
    if (!Number.isFinite(number)) {
      this.#at = start
      throw this.#error('the number is too large')
    }
    this.#written = String(number) === written ? undefined : written
    return number
  }

  #literal(): JsonValue {
    for (const [literal, value] of LITERALS) {
      if (!this.#text.startsWith(literal, this.#at)) continue
      this.#at += literal.length
      return value
    }
    throw this.#unexpected('a value')
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  /** The text that the sticky pattern matches here; '' for none. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#text)) return ''
    const matched = this.#text.slice(this.#at, pattern.lastIndex)
    this.#at = pattern.lastIndex
    return matched
  }

  #unexpected(expected: string): FhirError {
    return this.#error(`found ${describeCharacter(this.#text, this.#at)}, expected ${expected}`)
  }

  #error(what: string): FhirError {
    const { line, column } = positionAt(this.#text, this.#at)
    return new FhirError('malformed', `Line ${line}, column ${column}: ${what}.`)
  }
}
