// A resource of any type with all its elements filled in, primitives with their siblings, choices in turn.
import {
  setDecimalText,
  type Definitions,
  type ElementDefinition,
  type JsonObject,
  type JsonValue,
  type Property,
  type Resource,
} from '../../../src/fhir/index.ts'

const MOST_LEVELS = 3
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  string: ['plain', 'a "quoted" <tag> & é \u{1f600} \'x\'', 'two\nlines\tand a tab'],
  markdown: ['# head\n\n* one & two\r\n'],
  code: ['a-code'],
  id: ['an-id.1'],
  uri: ['http://example.org/a?b=c&d=e'],
  url: ['http://example.org/a'],
  canonical: ['http://example.org/a|1.0'],
  oid: ['urn:oid:1.2.3'],
  uuid: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
  date: ['2020', '2020-02', '2020-02-29'],
  dateTime: ['2020', '2020-02-29T10:00:00.120+02:00'],
  instant: ['2020-02-29T10:00:00.000Z'],
  time: ['10:00:00'],
  base64Binary: ['aGVsbG8='],
  xhtml: [
    '<div xmlns="http://www.w3.org/1999/xhtml"><!-- note --><p class="a">x &lt; y &amp; z&#160;</p><br/><br /></div>',
  ],
}
const NUMERALS: Readonly<Record<string, readonly string[]>> = {
  decimal: ['1.00', '0.1', '-3', '1e3', '123456789012345678901234567890.12'],
  integer: ['-7', '0'],
  unsignedInt: ['0', '42'],
  positiveInt: ['1'],
}

export class Filler {
  readonly #definitions: Definitions
  #turn = 0

  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  resource(type: string): Resource {
    return this.#object(type, 0, { resourceType: type }) as Resource
  }

  #object(typeName: string, level: number, object: JsonObject = {}): JsonObject {
    const type = this.#definitions.type(typeName)
    for (const element of type?.elements ?? []) {
      // An extension has a value or extensions (ext-1).
      if (element.path === 'Element.extension' && typeName === 'Extension') continue
      const names = [...(type?.properties ?? [])].filter(([, it]) => it.element === element)
      const [name, property] = names[this.#turn++ % names.length] ?? []
      if (name !== undefined && property !== undefined) this.#fill(object, name, property, element, level)
    }
    return object
  }

  #fill(
    object: JsonObject,
    name: string,
    property: Property,
    element: ElementDefinition,
    level: number,
  ): void {
    const inner = property.type.code
    if (property.primitive) {
      if (property.array) {
        const values: JsonValue[] = [null, null]
        this.#primitive(values, 0, property)
        object[name] = values
        if (property.sibling) object[`_${name}`] = [null, { id: `s${this.#turn}` }]
        else this.#primitive(values, 1, property)
        return
      }
      this.#primitive(object, name, property)
      if (property.sibling && this.#turn % 3 === 0 && level < MOST_LEVELS)
        object[`_${name}`] = { id: 'i', extension: [{ url: 'http://example.org/e', valueCode: 'x' }] }
      return
    }
    if (level >= MOST_LEVELS) return
    const isResource = this.#definitions.type(inner)?.kind === 'resource'
    // What may hold itself would grow beyond measure.
    if (inner === 'Extension' && level > 1) return
    const value = (): JsonObject =>
      isResource
        ? { resourceType: 'Basic', id: `c${this.#turn++}`, code: { text: 'contained' } }
        : this.#object(inner, level + (element.path.startsWith(inner) ? 2 : 1))
    const one = value()
    if (Object.keys(one).length === 0) return
    object[name] = property.array && level === 0 ? [one, value()] : property.array ? [one] : one
  }

  #primitive(container: JsonObject | JsonValue[], key: string | number, property: Property): void {
    const target = container as Record<string | number, JsonValue>
    const { code } = property.type
    const turn = this.#turn++
    const numerals = NUMERALS[code]
    const { binding } = property.element
    const codes = binding === undefined ? undefined : this.#definitions.codes(binding.valueSet)
    if (code === 'boolean') target[key] = turn % 2 === 0
    else if (numerals !== undefined) {
      const numeral = numerals[turn % numerals.length] as string
      target[key] = Number(numeral)
      setDecimalText(container, key, numeral)
    } else if (codes !== undefined) target[key] = codes.sample[turn % codes.sample.length] as string
    else {
      const texts = TEXTS[code] ?? []
      target[key] = texts[turn % texts.length] as string
    }
  }
}
