// On which line of a JSON text the element stands that a FHIRPath names, so that an editor can be opened there.

type Step = string | number

/**
 * The line, from 1, of the deepest part of `path` (`Patient.name[0].use`, `Bundle.entry[2].resource.name`) that the
 * text has. Understands plain paths only; the first step is the resource's type. `text` must be JSON.
 */
export function lineOfElement(text: string, path: string): number {
  const steps = stepsOf(path)
  const scan = new Scan(text)
  let at = scan.skipSpace(0)
  for (const step of steps) {
    const next = typeof step === 'number' ? scan.item(at, step) : scan.property(at, step)
    if (next === undefined) break
    at = next
  }
  return countLines(text, at)
}

/** `Patient.name[0].use` as `name`, 0, `use`. */
export function stepsOf(path: string): Step[] {
  return [...path.matchAll(/(?:^|\.)([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]/g)]
    .map(([, name, index]) => (name === undefined ? Number(index) : name))
    .slice(1)
}

/** The line, from 1, on which the character at `end` stands. */
export function countLines(text: string, end: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** Walks JSON text without building it; offsets in, offsets out. */
class Scan {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  skipSpace(at: number): number {
    while (at < this.#text.length && ' \t\r\n\ufeff'.includes(this.#text.charAt(at))) at++
    return at
  }

  /** Where the value of a property stands: of that name, of its `_name`, or of a choice that begins with it. */
  property(object: number, name: string): number | undefined {
    if (this.#text[object] !== '{') return undefined
    let second: number | undefined
    for (const [key, value] of this.#members(object)) {
      if (key === name) return value
      if (key === `_${name}` || (key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length))))
        second ??= value
    }
    return second
  }

  /** Where an array's item stands; a value that is no array is its own first item. */
  item(array: number, index: number): number | undefined {
    if (this.#text[array] !== '[') return index === 0 ? array : undefined
    let at = this.skipSpace(array + 1)
    for (let i = 0; at < this.#text.length && this.#text[at] !== ']'; i++) {
      if (i === index) return at
      at = this.skipSpace(this.#end(at))
      if (this.#text[at] === ',') at = this.skipSpace(at + 1)
    }
    return undefined
  }

  *#members(object: number): Generator<[key: string, value: number]> {
    let at = this.skipSpace(object + 1)
    while (this.#text[at] === '"') {
      const end = this.#end(at)
      const key = this.#text.slice(at + 1, end - 1)
      const value = this.skipSpace(this.skipSpace(end) + 1)
      yield [key, value]
      at = this.skipSpace(this.#end(value))
      if (this.#text[at] === ',') at = this.skipSpace(at + 1)
    }
  }

  /** The offset behind the value that begins here. */
  #end(at: number): number {
    const first = this.#text[at]
    if (first === '"') return this.#endOfString(at)
    if (first !== '{' && first !== '[') {
      while (at < this.#text.length && !',]} \t\r\n'.includes(this.#text.charAt(at))) at++
      return at
    }
    let depth = 0
    while (at < this.#text.length) {
      const character = this.#text[at]
      if (character === '"') {
        at = this.#endOfString(at)
        continue
      }
      at++
      if (character === '{' || character === '[') depth++
      else if ((character === '}' || character === ']') && --depth === 0) break
    }
    return at
  }

  #endOfString(at: number): number {
    for (at++; at < this.#text.length && this.#text[at] !== '"'; at++) if (this.#text[at] === '\\') at++
    return at + 1
  }
}
