// Reads the published patch cases: FHIR XML (https://hl7.org/fhir/R4/xml.html) into FHIR JSON, as far as they need it.
import { SaxesParser } from 'saxes'
import type { Definitions, JsonObject, JsonValue, Property, TypeDefinition } from '../../../src/fhir/index.ts'

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: (XmlElement | string)[]
}

export function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [] }
  const open = [root]
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes: attributes as Record<string, string>, children: [] }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', (written) => open.at(-1)?.children.push(written))
  parser.on('error', (error) => {
    throw error
  })
  parser.write(text).close()
  return childElements(root)[0] as XmlElement
}

export function childElements(element: XmlElement, name?: string): XmlElement[] {
  return element.children.filter(
    (child) => typeof child !== 'string' && (!name || child.name === name),
  ) as XmlElement[]
}

/** The one resource within an element. */
export function resourceIn(element: XmlElement, definitions: Definitions): JsonObject {
  const [child] = childElements(element)
  if (child === undefined) throw new Error('no resource')
  return { resourceType: child.name, ...toObject(child, definitions.type(child.name), definitions) }
}

function toObject(
  element: XmlElement,
  type: TypeDefinition | undefined,
  definitions: Definitions,
): JsonObject {
  if (type === undefined) throw new Error(`no type for <${element.name}>`)
  const object: JsonObject = {}
  for (const name of ['id', 'url'])
    if (element.attributes[name] !== undefined) object[name] = element.attributes[name]
  for (const child of childElements(element)) {
    const property = type.properties.get(child.name)
    if (property === undefined) throw new Error(`${type.name} has no <${child.name}>`)
    if (property.primitive) addPrimitive(object, child, property, definitions)
    else
      addTo(
        object,
        child.name,
        property.array,
        toObject(child, definitions.type(property.type.code), definitions),
      )
  }
  return object
}

function addPrimitive(
  object: JsonObject,
  element: XmlElement,
  property: Property,
  definitions: Definitions,
): void {
  const written = property.type.code === 'xhtml' ? writeXml(element) : element.attributes.value
  const { value: _, ...attributes } = element.attributes
  const beside =
    property.type.code === 'xhtml'
      ? {}
      : toObject({ ...element, attributes }, definitions.type('Element'), definitions)
  const isNumber = ['integer', 'decimal', 'positiveInt', 'unsignedInt'].includes(property.type.code)
  const isJson = isNumber || property.type.code === 'boolean'
  const value = written === undefined ? undefined : isJson ? (JSON.parse(written) as JsonValue) : written
  const hasBeside = Object.keys(beside).length > 0
  if (property.array || value !== undefined) addTo(object, element.name, property.array, value ?? null)
  if (hasBeside) addTo(object, `_${element.name}`, property.array, beside)
}

function addTo(object: JsonObject, name: string, array: boolean, value: JsonValue): void {
  if (!array) object[name] = value
  else object[name] = [...((object[name] as JsonValue[] | undefined) ?? []), value]
}

function writeXml(element: XmlElement): string {
  const attributes = Object.entries(element.attributes).map(([name, value]) => ` ${name}="${escape(value)}"`)
  const content = element.children.map((child) =>
    typeof child === 'string' ? escape(child) : writeXml(child),
  )
  return `<${element.name}${attributes.join('')}>${content.join('')}</${element.name}>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
