// Plain values one behind the other, read back in the order in which they were written: all numbers in one array, all
// texts in one string, for a message costs by how many values it has and hardly by how long they are.
import { copiedText } from '../../fhir/json/index.ts'

/** In place of a text's length, where there is none. */
const NO_TEXT = -1
/** In place of a word's number, where it is written out: the table is full. */
const WRITTEN_OUT = -1
/** Types and parameters that have a number: far more than there are, but a client may make up types. */
const MOST_WORDS = 10_000
const FIRST_NUMBERS = 4096

/** What a TapeWriter wrote. */
export interface Tape {
  /** Numbers, lengths of texts, and numbers of words. */
  readonly numbers: Float64Array<ArrayBuffer>
  readonly text: string
  /** Whether its words are numbered from the start. */
  readonly anew: boolean
}

/** Both sides number words alike, in the order in which each is sent for the first time. */
export class TapeWriter {
  readonly #words = new Map<string, number>()
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(FIRST_NUMBERS)
  #at = 0
  #text = ''
  #anew = true

  number(value: number): void {
    if (this.#at === this.#numbers.length) this.#grow()
    this.#numbers[this.#at++] = value
  }

  /** NaN is none. */
  numberOrNone(value: number | undefined): void {
    this.number(value ?? Number.NaN)
  }

  text(value: string): void {
    this.number(value.length)
    this.#text += value
  }

  textOrNone(value: string | undefined): void {
    if (value === undefined) this.number(NO_TEXT)
    else this.text(value)
  }

  /** A text of which there are few. */
  word(value: string): void {
    const known = this.#words.get(value)
    if (known !== undefined) return this.number(known)
    const isFull = this.#words.size >= MOST_WORDS
    this.number(isFull ? WRITTEN_OUT : this.#words.size)
    this.text(value)
    if (!isFull) this.#words.set(value, this.#words.size)
  }

  /** What was written since the last time. The other side must read it before anything that is written from now on. */
  take(): Tape {
    const tape = { numbers: this.#numbers.slice(0, this.#at), text: this.#text, anew: this.#anew }
    this.#at = 0
    this.#text = ''
    this.#anew = false
    return tape
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2)
    numbers.set(this.#numbers)
    this.#numbers = numbers
  }
}

/** Reads the tapes of one TapeWriter, in their order. */
export class TapeReader {
  #words: string[] = []
  #numbers: Float64Array<ArrayBuffer> = new Float64Array()
  #at = 0
  #text = ''
  #textAt = 0

  /** From now on this one is read. */
  take({ numbers, text, anew }: Tape): void {
    if (anew) this.#words = []
    this.#numbers = numbers
    this.#at = 0
    this.#text = text
    this.#textAt = 0
  }

  get atEnd(): boolean {
    return this.#at === this.#numbers.length
  }

  number(): number {
    return this.#numbers[this.#at++] as number
  }

  numberOrNone(): number | undefined {
    const value = this.number()
    return Number.isNaN(value) ? undefined : value
  }

  /** Part of the tape's own text, of which it keeps all: who keeps it for long makes a copy. */
  text(): string {
    return this.#cut(this.number())
  }

  textOrNone(): string | undefined {
    const length = this.number()
    return length === NO_TEXT ? undefined : this.#cut(length)
  }

  word(): string {
    const number = this.number()
    const known = this.#words[number]
    if (known !== undefined) return known
    const word = this.text()
    if (number !== WRITTEN_OUT) this.#words.push(copiedText(word))
    return word
  }

  /** As many items as the number that stands first says. */
  list<Item>(read: () => Item): Item[] {
    const items: Item[] = []
    for (let left = this.number(); left > 0; left--) items.push(read())
    return items
  }

  #cut(length: number): string {
    const start = this.#textAt
    this.#textAt += length
    return this.#text.slice(start, this.#textAt)
  }
}
