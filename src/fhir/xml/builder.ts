// Builds the model from the tags of FHIR's XML, holding each to the definition of the element it stands in.
import type { SaxesTagNS } from 'saxes'
import type { Definitions, Property, TypeDefinition } from '../definitions/definition.ts'
import { nearestName } from '../nearest-name.ts'
import type { JsonObject, Resource } from '../resource.ts'
import { Frame } from './frame.ts'
import { FHIR_NAMESPACE, SCHEMA_INSTANCE_NAMESPACE, XHTML_NAMESPACE, XMLNS_NAMESPACE } from './namespaces.ts'
import { MAX_NARRATIVE_DEPTH } from './narrative-div.ts'
import { Narrative } from './narrative.ts'

/** `at`: an index into the text; `path`: FHIRPath. */
export type Fail = (what: string, at: number, path?: string) => never

const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/

export class Builder {
  resource: Resource | undefined
  readonly #definitions: Definitions
  readonly #maxDepth: number
  readonly #text: string
  readonly #fail: Fail
  /** The innermost element that is open. */
  #frame: Frame | undefined
  #narrative: Narrative | undefined

  constructor(definitions: Definitions, maxDepth: number, text: string, fail: Fail) {
    this.#definitions = definitions
    this.#maxDepth = maxDepth
    this.#text = text
    this.#fail = fail
  }

  /** FHIRPath of the innermost element that is open; '' for none. */
  get path(): string {
    return this.#frame?.path ?? ''
  }

  /** `start`: where the tag begins. */
  open(tag: SaxesTagNS, start: number): void {
    if (this.#narrative !== undefined) return this.#openInNarrative(this.#narrative, tag, start)
    const outer = this.#frame
    if (outer === undefined || outer.kind === 'holder') this.#openResource(tag, start, outer)
    else this.#openElement(tag, start, outer)
    const frame = this.#frame as Frame
    if (frame.depth > this.#maxDepth)
      this.#fail(
        `elements stand too deep here, more than ${this.#maxDepth} levels in JSON`,
        start,
        frame.path,
      )
    if (frame.kind !== 'narrative') this.#attributes(tag, start, frame)
  }

  /** `start`: where the element's own or its last inner tag begins; `end`: behind its closing tag. */
  close(tag: SaxesTagNS, start: number, end: number): void {
    const frame = this.#frame as Frame
    const narrative = this.#narrative
    if (narrative !== undefined) {
      narrative.close(tag)
      if (narrative.depth > 0) return
      this.#narrative = undefined
      const div = narrative.result(this.#text.slice(narrative.start, end))
      frame.parent?.put(frame.name, frame.property as Property, div)
    } else if (frame.kind === 'holder') {
      if (frame.lastName === '')
        this.#fail(`<${frame.name}> holds nothing; a resource must stand in it`, start, frame.path)
    } else {
      frame.endRun()
      if (frame.kind === 'primitive') this.#closePrimitive(frame)
    }
    this.#frame = frame.parent
  }

  /** `start`: where the text begins. */
  text(text: string, start: number): void {
    if (this.#narrative !== undefined) return this.#narrative.text(text)
    const frame = this.#frame
    if (frame === undefined || /^[ \t\r\n]*$/.test(text)) return
    let at = start
    while (' \t\r\n'.includes(this.#text.charAt(at))) at++
    const right =
      frame.kind === 'primitive'
        ? `the value of a primitive is an attribute: <${frame.name} value="..."/>`
        : "only elements may, for values are attributes in FHIR's XML"
    this.#fail(`text stands in <${frame.name}>; ${right}`, at, frame.path)
  }

  cdata(text: string, start: number): void {
    if (this.#narrative !== undefined) this.#narrative.cdata(text)
    else this.text(text === '' ? '[' : text, start)
  }

  comment(text: string): void {
    this.#narrative?.comment(text)
  }

  processingInstruction(): void {
    this.#narrative?.processingInstruction()
  }

  #openResource(tag: SaxesTagNS, start: number, holder: Frame | undefined): void {
    this.#inFhir(tag, start)
    if (holder !== undefined && holder.lastName !== '')
      this.#fail(
        `<${shown(tag.local)}> stands in <${holder.name}> beside <${holder.lastName}>; only one resource may`,
        start,
        holder.path,
      )
    const type = this.#definitions.isResourceType(tag.local) ? this.#definitions.type(tag.local) : undefined
    if (type === undefined) {
      const meant = nearestName(tag.local, this.#definitions.resourceTypes)
      this.#fail(
        `<${shown(tag.local)}> is no resource type of R4${meant === undefined ? '' : `; did you mean ${meant}?`}`,
        start,
        holder?.path,
      )
    }
    const resource: Resource = { resourceType: tag.local }
    if (holder === undefined) this.resource = resource
    else {
      holder.lastName = tag.local
      holder.parent?.put(holder.name, holder.property as Property, resource)
    }
    this.#frame = new Frame('object', tag.local, type, undefined, holder, resource)
  }

  #openElement(tag: SaxesTagNS, start: number, outer: Frame): void {
    const { local } = tag
    const property = outer.type.properties.get(local)
    const isNarrative = property?.type.code === 'xhtml'
    if (!isNarrative) this.#inFhir(tag, start)
    if (property === undefined || isAttribute(property, outer.type)) return this.#unknown(local, start, outer)
    if (outer.kind === 'primitive' && !(outer.property as Property).sibling)
      this.#fail(`<${outer.name}> may have neither id nor extensions`, start, outer.path)

    const index = outer.type.elements.indexOf(property.element)
    const path = `${outer.path}.${property.element.name}`
    if (index < outer.lastIndex)
      this.#fail(
        `<${local}> must stand before <${outer.lastName}>: in XML the elements of ${outer.type.name} keep their order, and the repetitions of one stand together`,
        start,
        path,
      )
    if (local !== outer.lastName) outer.endRun()
    if (property.array ? local !== outer.lastName && outer.has(local) : outer.has(local))
      this.#fail(
        `<${local}> stands twice; it may not repeat`,
        start,
        `${outer.path}.${property.element.name}`,
      )
    outer.lastIndex = index
    if (local !== outer.lastName) outer.lastName = local

    if (isNarrative) return this.#openNarrative(tag, start, property, outer)
    const isHolder = !property.primitive && this.#definitions.type(property.type.code)?.kind === 'resource'
    const kind = property.primitive ? 'primitive' : isHolder ? 'holder' : 'object'
    const type = this.#typeOf(property.primitive ? 'Element' : property.type.code)
    const object: JsonObject = {}
    this.#frame = new Frame(kind, local, type, property, outer, object)
    if (kind === 'object') outer.put(local, property, object)
  }

  #typeOf(name: string): TypeDefinition {
    const type = this.#definitions.type(name)
    if (type === undefined) throw new Error(`${name} is no type of R4`)
    return type
  }

  #openNarrative(tag: SaxesTagNS, start: number, property: Property, outer: Frame): void {
    this.#frame = new Frame('narrative', tag.local, this.#typeOf('Element'), property, outer, {})
    this.#narrative = new Narrative(start)
    this.#openInNarrative(this.#narrative, tag, start)
  }

  #openInNarrative(narrative: Narrative, tag: SaxesTagNS, start: number): void {
    if (tag.uri !== XHTML_NAMESPACE)
      this.#fail(
        `<${shown(tag.local)}> is not in XHTML's namespace; a narrative is one <div xmlns="${XHTML_NAMESPACE}">`,
        start,
        this.path,
      )
    narrative.open(tag)
    if (narrative.depth > MAX_NARRATIVE_DEPTH)
      this.#fail(
        `the tags of a narrative stand more than ${MAX_NARRATIVE_DEPTH} levels deep`,
        start,
        this.path,
      )
  }

  /** id, url and value; the declarations of namespaces and of where a schema is are no part of the resource. */
  #attributes(tag: SaxesTagNS, start: number, frame: Frame): void {
    for (const key of Object.keys(tag.attributes)) {
      const { prefix, local, uri, value } = tag.attributes[key] as SaxesTagNS['attributes'][string]
      if (uri === XMLNS_NAMESPACE || (uri === SCHEMA_INSTANCE_NAMESPACE && /schemaLocation$/i.test(local)))
        continue
      if (prefix === '' && local === 'value' && frame.kind === 'primitive') frame.value = value
      else if (prefix === '' && this.#allows(frame, local)) frame.object[local] = value
      else this.#unknownAttribute(prefix === '' ? local : `${prefix}:${local}`, start, frame)
    }
  }

  #allows(frame: Frame, attribute: string): boolean {
    if (frame.kind === 'holder') return false
    if (frame.kind === 'primitive' && !(frame.property as Property).sibling) return false
    const property = frame.type.properties.get(attribute)
    return property !== undefined && isAttribute(property, frame.type)
  }

  #unknownAttribute(name: string, start: number, frame: Frame): never {
    const allowed = ['value', 'id', 'url'].filter((it) =>
      it === 'value' ? frame.kind === 'primitive' : this.#allows(frame, it),
    )
    const right =
      frame.kind === 'object' && frame.type.properties.has(name)
        ? `${name} is an element here: <${name}>`
        : allowed.length === 0
          ? 'it may have none'
          : `it may have ${allowed.join(' and ')}`
    this.#fail(`<${frame.name}> has no attribute ${shown(name)}; ${right}`, start, frame.path)
  }

  #closePrimitive(frame: Frame): void {
    const { name, property, parent, object, value } = frame
    const isEmpty = Object.keys(object).length === 0
    const hasSibling = property?.sibling === true && (!isEmpty || value === undefined)
    // What says nothing at all stays in its place, for validation to find.
    const text = value === undefined && property?.sibling !== true ? '' : value
    parent?.putPrimitive(name, property as Property, text, hasSibling ? object : undefined)
  }

  #inFhir(tag: SaxesTagNS, start: number): void {
    if (tag.uri === FHIR_NAMESPACE) return
    const where = tag.uri === '' ? 'in no namespace' : 'in another namespace than FHIR'
    const what = tag.uri === XHTML_NAMESPACE ? 'in the namespace of XHTML' : where
    const root =
      this.#frame === undefined
        ? `<${shown(tag.local)} xmlns="${FHIR_NAMESPACE}">`
        : `xmlns="${FHIR_NAMESPACE}"`
    this.#fail(`<${shown(tag.local)}> is ${what}; it must be in FHIR's: ${root}`, start, this.path)
  }

  #unknown(name: string, start: number, outer: Frame): never {
    const { type } = outer
    const path = NAME.test(name) ? `${outer.path}.${name}` : outer.path
    const known = type.properties.get(name)
    if (known !== undefined)
      return this.#fail(`${name} is an attribute in XML: <${outer.name} ${name}="...">`, start, path)
    const names = [...type.properties].filter(([, it]) => !isAttribute(it, type)).map(([it]) => it)
    const choice = type.elements.find((it) => it.choice && it.name === name)
    if (choice !== undefined) {
      const all = names.filter((it) => type.properties.get(it)?.element === choice)
      const some = all.length > 3 ? `${all.slice(0, 3).join(', ')}, ...` : all.join(' or ')
      return this.#fail(`<${name}> must say its type: ${some}`, start, path)
    }
    if (outer.kind === 'primitive')
      return this.#fail(
        `<${outer.name}> has no element ${shown(name)}; a primitive has its value as an attribute, and extensions`,
        start,
        path,
      )
    const meant = nearestName(name, names)
    const near = meant === undefined ? '' : `; did you mean ${meant}?`
    return this.#fail(`${type.name} has no element ${shown(name)}${near}`, start, path)
  }
}

/** `id` of elements and `url` of Extension; the id of a resource is an element. */
function isAttribute(property: Property, type: TypeDefinition): boolean {
  return property.type.attribute === true && type.kind !== 'resource'
}

/** Messages may be passed on: what is not like a name of FHIR may be somebody's. */
function shown(name: string): string {
  return NAME.test(name) ? name : 'of this name'
}
