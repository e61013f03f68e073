// Writes FHIR's XML from the model that its JSON has (https://hl7.org/fhir/R4/xml.html).
import type { Definitions, Property, TypeDefinition } from '../definitions/definition.ts'
import { FhirError } from '../errors.ts'
import { decimalText } from '../json/numerals.ts'
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../resource.ts'
import { escapeAttribute, isXmlText } from './characters.ts'
import { FHIR_NAMESPACE } from './namespaces.ts'
import { isNarrativeDiv } from './narrative-div.ts'

export interface XmlOptions {
  /** Two spaces a level; otherwise no white space at all. A narrative stays as it is. */
  readonly pretty?: boolean
}

/**
 * The XML text of the resource, elements in the order of their definitions, numbers as they were written; what stands
 * before and behind the `<div>` of a narrative is left out.
 * @throws FhirError `not-acceptable` for what XML has no words for, naming it by its FHIRPath: elements that R4 does not
 * define, values in shapes or with characters that it does not allow. What validation lets through can be written.
 */
export function writeXml(resource: Resource, definitions: Definitions, options: XmlOptions = {}): string {
  const writer = new Writer(definitions, options.pretty === true)
  writer.resource(resource, resource.resourceType, `xmlns="${FHIR_NAMESPACE}"`)
  return writer.text
}

class Writer {
  text = '<?xml version="1.0" encoding="UTF-8"?>'
  readonly #definitions: Definitions
  readonly #pretty: boolean
  #level = 0

  constructor(definitions: Definitions, pretty: boolean) {
    this.#definitions = definitions
    this.#pretty = pretty
    if (!pretty) this.text += '\n'
  }

  resource(value: JsonValue | undefined, path: string, declaration = ''): void {
    if (!isJsonObject(value)) throw unwritable(path, 'it is no resource')
    const { resourceType: name } = value
    if (typeof name !== 'string' || !this.#definitions.isResourceType(name))
      throw unwritable(path, 'its type is none of R4')
    const type = this.#definitions.type(name) as TypeDefinition
    this.#open(`<${name}${declaration === '' ? '' : ` ${declaration}`}`)
    const filled = this.#children(value, type, path)
    this.#close(name, filled)
    if (declaration !== '' && this.#pretty) this.text += '\n'
  }

  #line(): void {
    if (this.#pretty) this.text += `\n${'  '.repeat(this.#level)}`
  }

  #open(start: string): void {
    this.#line()
    this.text += start
    this.#level++
  }

  /** `filled`: whether the opening tag was ended, because children came. */
  #close(name: string, filled: boolean): void {
    this.#level--
    if (filled) {
      this.#line()
      this.text += `</${name}>`
    } else this.text += '/>'
  }

  /** Ends the tag that is open and writes what stands in it; false when that is nothing. */
  #children(object: JsonObject, type: TypeDefinition, path: string): boolean {
    let filled = false
    for (const [name, property] of this.#properties(object, type, path)) {
      if (!filled) this.text += '>'
      filled = true
      this.#element(object, name, property, path)
    }
    return filled
  }

  /** What stands in the object as elements, in the order of their definitions. */
  #properties(
    object: JsonObject,
    type: TypeDefinition,
    path: string,
  ): readonly (readonly [string, Property])[] {
    const isResource = type.kind === 'resource'
    const found: [name: string, property: Property, index: number][] = []
    for (const key of Object.keys(object)) {
      if (object[key] === undefined || (isResource && key === 'resourceType')) continue
      const isSibling = key.charCodeAt(0) === 0x5f
      const name = isSibling ? key.slice(1) : key
      const property = type.properties.get(name)
      if (property === undefined || (isSibling && !property.sibling))
        throw unwritable(
          path,
          `R4 does not define its ${/^\w{1,64}$/.test(key) ? key : 'properties of other names'}`,
        )
      if (property.type.attribute === true && !isResource) continue
      if (isSibling && object[name] !== undefined) continue
      found.push([name, property, type.elements.indexOf(property.element)])
    }
    return found.sort((a, b) => a[2] - b[2]).map(([name, property]) => [name, property] as const)
  }

  #element(object: JsonObject, name: string, property: Property, path: string): void {
    const at = `${path}.${property.element.name}`
    const value = object[name]
    const sibling = property.sibling ? object[`_${name}`] : undefined
    if (!property.array) {
      if (property.primitive) this.#primitive(object, name, name, property, sibling, at)
      else this.#complex(value, name, property, at)
      return
    }
    const values = listOf(value, at)
    const siblings = listOf(sibling, at)
    for (let index = 0; index < Math.max(values.length, siblings.length); index++) {
      const itemAt = `${at}[${index}]`
      if (property.primitive) this.#primitive(values, index, name, property, siblings[index], itemAt)
      else this.#complex(values[index], name, property, itemAt)
    }
  }

  #complex(value: JsonValue | undefined, name: string, property: Property, path: string): void {
    if (!isJsonObject(value)) throw unwritable(path, `it is no ${property.type.code}`)
    const type = this.#definitions.type(property.type.code) as TypeDefinition
    this.#open(`<${name}`)
    if (type.kind === 'resource') {
      this.text += '>'
      this.resource(value, path)
      this.#close(name, true)
      return
    }
    this.#attributes(value, type, path)
    this.#close(name, this.#children(value, type, path))
  }

  #attributes(object: JsonObject, type: TypeDefinition, path: string): void {
    for (const name of ['id', 'url']) {
      const value = object[name]
      if (value === undefined || type.properties.get(name)?.type.attribute !== true) continue
      this.text += ` ${name}="${attribute(value, `${path}.${name}`)}"`
    }
  }

  /** The value stands at `container[key]`. */
  #primitive(
    container: JsonObject | JsonValue[],
    key: string | number,
    name: string,
    property: Property,
    sibling: JsonValue | undefined,
    path: string,
  ): void {
    const value = (container as Record<string | number, JsonValue | undefined>)[key] ?? null
    if (property.type.code === 'xhtml') return this.#narrative(value, path)
    if (value === null && (sibling ?? null) === null) throw unwritable(path, 'it is null')
    if ((sibling ?? null) !== null && !isJsonObject(sibling))
      throw unwritable(path, 'its sibling is no object')
    const type = this.#definitions.type('Element') as TypeDefinition
    this.#open(`<${name}`)
    if (isJsonObject(sibling)) this.#attributes(sibling, type, path)
    if (value !== null) {
      const text = typeof value === 'number' ? (decimalText(container, key) ?? JSON.stringify(value)) : value
      this.text += ` value="${attribute(text, path)}"`
    }
    this.#close(name, isJsonObject(sibling) && this.#children(sibling, type, path))
  }

  #narrative(value: JsonValue, path: string): void {
    if (typeof value !== 'string' || !isNarrativeDiv(value))
      throw unwritable(path, 'it is no well-formed <div> of XHTML')
    this.#line()
    this.text += value.trim()
  }
}

function attribute(value: JsonValue, path: string): string {
  if (typeof value === 'object') throw unwritable(path, 'it is no primitive')
  const text = String(value)
  if (!isXmlText(text)) throw unwritable(path, 'it holds a character that XML cannot hold')
  return escapeAttribute(text)
}

function listOf(value: JsonValue | undefined, path: string): JsonValue[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw unwritable(path, 'it repeats, but is no array')
  return value
}

function unwritable(path: string, why: string): FhirError {
  return new FhirError('not-acceptable', [
    {
      severity: 'error',
      code: 'not-supported',
      diagnostics: `This cannot be said in FHIR's XML: ${why}. Ask for JSON (Accept: application/fhir+json).`,
      expression: path,
    },
  ])
}
