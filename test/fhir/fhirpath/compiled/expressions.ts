// Random expressions of the grammar, mostly of fitting types, so that they select something.

/** Numbers from 0 to 1, the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Kind = 'nodes' | 'number' | 'string' | 'boolean' | 'date'

const KINDS: readonly Kind[] = ['nodes', 'number', 'string', 'boolean', 'date']

const PATHS = [
  'item', 'item.answer', 'item.answer.value', 'item.item', 'item.item.answer.value', 'item.linkId', 'item.text',
  'repeat(item)', 'repeat(item | answer)', 'repeat(item).answer.value', 'repeat(item).linkId', 'authored', 'status',
  'subject.reference', 'name', 'name.given', 'name.family', 'name.use', 'identifier', 'identifier.value', 'active',
  'identifier.use', 'deceased', 'multipleBirth', 'contact.name.text', 'extension', 'extension.value', 'gender', 'id',
  "extension('urn:a')", "extension('urn:b').extension.value", 'contained', 'contained.value', 'code.coding',
  'code.coding.code', 'value', 'component', 'component.value', 'component.code.text', 'birthDate',
  'QuestionnaireResponse.item', 'Patient.name', 'Observation.component', '%resource', '%patient.name.given',
  '%resource.repeat(item)', '%coding', '%questionnaire.item.item.answerOption', '%context', '%rootResource.item',
  'name.given.extension', 'name.given.id', 'item.answer.valueBoolean', 'nothing', 'component.value.ofType(integer)',
] // biome-ignore format: a list

/** The library has a `value` in numbers, and takes `a.$this` for `$this`: no step is one of these. */
const STEPS = ['linkId', 'answer', 'answer.value', 'code', 'use', 'given', 'item', 'text', 'url', 'system']

const DATES = [
  'birthDate', '%patient.birthDate', '@2024-01-31', '@2023-12-31', 'effective.start', 'effective.end', 'authored',
  'identifier.period.start', '%visit.toDate()', 'item.item.answer.value.ofType(date)', 'component.value.ofType(dateTime)',
] // biome-ignore format: a list

const TYPES = [
  'Coding', 'integer', 'string', 'boolean', 'FHIR.code', 'System.String', 'String', 'Integer', 'Decimal', 'HumanName',
  'Quantity', 'Patient', 'DomainResource', 'BackboneElement', 'uri', 'Boolean', 'decimal', 'date', 'DateTime',
] // biome-ignore format: a list

export function randomExpressions(seed: number, count: number): readonly string[] {
  const random = mulberry32(seed)
  const writer = new Writer(random)
  return Array.from({ length: count }, () => {
    const kind = KINDS[Math.floor(random() * KINDS.length)] as Kind
    return writer.write(kind, 1 + Math.floor(random() * 4))
  })
}

class Writer {
  readonly #random: () => number
  /** Whether what is written looks from an item. */
  #inner = 0

  constructor(random: () => number) {
    this.#random = random
  }

  write(kind: Kind, depth: number): string {
    if (this.#chance(0.06)) return this.write(this.#kind(), depth)
    switch (kind) {
      case 'nodes':
        return this.#nodes(depth)
      case 'number':
        return this.#number(depth)
      case 'string':
        return this.#string(depth)
      case 'boolean':
        return this.#boolean(depth)
      case 'date':
        return this.#date(depth)
    }
  }

  #nodes(depth: number): string {
    if (depth <= 0) return this.#path()
    const from = () => this.#nodes(depth - 1)
    return this.#of<() => string>([
      () => this.#path(),
      () => `${from()}.where(${this.#within('boolean', depth - 1)})`,
      () => `${from()}.select(${this.#within(this.#kind(), depth - 1)})`,
      () => `${from()}.repeat(${this.#of(['item', 'answer', 'item | answer', 'extension', 'contact'])})`,
      () => `(${from()} | ${this.write(this.#kind(), depth - 1)})`,
      () => `${from()}.${this.#of(['first', 'last', 'tail', 'distinct', 'single'])}()`,
      () => `${from()}.${this.#of(['skip', 'take'])}(${this.#of(['0', '1', '2', '5'])})`,
      () => `${from()}[${this.#of(['0', '1', '2', '7'])}]`,
      () => `${from()}.${this.#of(['intersect', 'exclude', 'combine', 'union'])}(${from()})`,
      () => `${from()}.${this.#of(STEPS)}`,
      () => `${from()}.ofType(${this.#type()})`,
      () => `iif(${this.#boolean(depth - 1)}, ${from()}, ${from()})`,
      () => `${from()}.trace('x')`,
      () => `${from()}.iif(${this.#within('boolean', depth - 1)}, $this, {})`,
      () => `${from()}.defineVariable('kept').select(%kept.first() | $this)`,
    ])()
  }

  #number(depth: number): string {
    if (depth <= 0)
      return this.#of(['0', '1', '2', '3', '10', '0.5', '2.25', '%one', '%half', '%weights', '-1'])
    const deeper = () => this.#number(depth - 1)
    return this.#of<() => string>([
      () => `${this.#nodes(depth - 1)}.count()`,
      () => `(${deeper()} ${this.#of(['+', '-', '*', '/', 'div', 'mod'])} ${deeper()})`,
      () => `%weights.${this.#of(['sum', 'min', 'max', 'avg', 'count', 'first', 'distinct'])}()`,
      () => `${this.#nodes(depth - 1)}.answer.value.${this.#of(['sum', 'min', 'max', 'avg'])}()`,
      () => `repeat(item).answer.value.weight()${this.#of(['', '.sum()', '.max()', '.count()'])}`,
      () => `repeat(item).answer.weight()${this.#of(['', '.sum()'])}`,
      () =>
        `(${deeper()}).${this.#of(['abs', 'ceiling', 'floor', 'truncate', 'round', 'toInteger', 'toDecimal'])}()`,
      () => `%weights.aggregate($this + $total${this.#of([' + $index', ''])}, ${deeper()})`,
      () =>
        `%weights.where($this ${this.#of(['<', '>', '=', '>=', '!='])} ${this.#within('number', depth - 1)})`,
      () => `${this.#string(depth - 1)}.${this.#of(['toInteger()', 'length()', "indexOf('a')"])}`,
      () => `iif(${this.#boolean(depth - 1)}, ${deeper()}${this.#of(['', `, ${deeper()}`])})`,
      () => deeper(),
    ])()
  }

  #string(depth: number): string {
    if (depth <= 0) {
      const literals = [
        "'/1'",
        "'a'",
        "''",
        "'official'",
        "'Ann'",
        "'12'",
        "'ANN'",
        '%word',
        "%'a-b'",
        '%answers',
        '%`a-b`',
      ]
      return this.#of(literals)
    }
    const deeper = () => this.#string(depth - 1)
    return this.#of<() => string>([
      deeper,
      () => `(${deeper()} ${this.#of(['+', '&'])} ${deeper()})`,
      () => `${this.#path()}.first()`,
      () =>
        `${this.#of(['name.given', 'repeat(item).linkId', 'identifier.use'])}${this.#of(['', '.first()', '.distinct()', '[1]', ".join(',')"])}`,
      () => `${deeper()}.${this.#of(['upper', 'lower', 'trim'])}()`,
      () => `${deeper()}.substring(${this.#of(['0', '1', '0, 1', '1, 2', '9'])})`,
      () => `${this.write(this.#of(['number', 'boolean', 'date']), depth - 1)}.toString()`,
      () => `iif(${this.#boolean(depth - 1)}, ${deeper()}, ${deeper()})`,
    ])()
  }

  #boolean(depth: number): string {
    if (depth <= 0) return this.#of(['true', 'false', '{}', '%yes', 'active', 'deceased', '%nothing'])
    const deeper = () => this.#boolean(depth - 1)
    const alike = (operators: readonly string[]) => {
      const kind = this.#kind()
      return `(${this.write(kind, depth - 1)} ${this.#of(operators)} ${this.write(kind, depth - 1)})`
    }
    return this.#of<() => string>([
      () => `(${deeper()} ${this.#of(['and', 'or', 'xor', 'implies'])} ${deeper()})`,
      () => alike(['=', '!=', '~', '!~', 'in', 'contains']),
      () => `(${this.#number(depth - 1)} ${this.#of(['<', '<=', '>', '>='])} ${this.#number(depth - 1)})`,
      () => `(${this.#string(depth - 1)} ${this.#of(['<', '>', '=', '~'])} ${this.#string(depth - 1)})`,
      () => `${this.#nodes(depth - 1)}.${this.#of(['exists', 'empty', 'hasValue', 'isDistinct'])}()`,
      () => `${this.#nodes(depth - 1)}.${this.#of(['exists', 'all'])}(${this.#within('boolean', depth - 1)})`,
      () =>
        `(${this.#date(depth - 1)} ${this.#of(['<', '>', '=', '!=', '<=', 'in'])} ${this.#date(depth - 1)})`,
      () => `${deeper()}.not()`,
      () =>
        `${this.#string(depth - 1)}.${this.#of(['startsWith', 'endsWith', 'contains'])}(${this.#string(0)})`,
      () => `(${this.#string(0)} in ('/1' | '/2' | '/5'))`,
      () => `(${this.#path()} in ('/1' | '/2' | 'official' | 'Ann'))`,
      () => `${this.#nodes(depth - 1)}.first().is(${this.#type()})`,
      () => `(${this.#nodes(depth - 1)}.${this.#of(['subsetOf', 'supersetOf'])}(${this.#nodes(depth - 1)}))`,
      () => `%yes.${this.#of(['allTrue', 'anyTrue', 'allFalse', 'anyFalse'])}()`,
    ])()
  }

  #date(depth: number): string {
    if (depth <= 0) return this.#of(DATES)
    const deeper = () => this.#date(depth - 1)
    return this.#of<() => string>([
      deeper,
      () =>
        `(${deeper()} ${this.#of(['+', '-'])} ${this.#of(['1 day', '18 years', '2 weeks', '1 month', '0 days', '500 days'])})`,
      () => `${deeper()}.toString().substring(0, 10).toDate()`,
      () => `(${deeper()} | ${deeper()}).${this.#of(['first', 'last', 'min', 'max'])}()`,
      () => `iif(${this.#boolean(depth - 1)}, ${deeper()}, ${deeper()})`,
    ])()
  }

  #within(kind: Kind, depth: number): string {
    this.#inner += 1
    const text = this.#chance(0.1)
      ? `$index ${this.#of(['=', '<'])} ${this.#number(0)}`
      : this.write(kind, depth)
    this.#inner -= 1
    return text
  }

  #path(): string {
    if (this.#inner === 0) return this.#of(PATHS)
    return this.#chance(0.8)
      ? this.#of([...STEPS, '$this'])
      : this.#of(PATHS.filter((path) => path !== 'value'))
  }

  /** The library does not know an extension that a step leads to as one, nor as an element. */
  #type(): string {
    return this.#of(TYPES)
  }

  #kind(): Kind {
    return this.#of(KINDS)
  }

  #of<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T
  }

  #chance(probability: number): boolean {
    return this.#random() < probability
  }
}
