// Walks one resource beside its definition and notes every fault, in document order.
import type { Definitions, IssueType, JsonObject, JsonValue, Resource } from '../../fhir/index.ts'
import { decimalText, isJsonObject, nearestName } from '../../fhir/index.ts'
import type { Invariant } from '../invariants/index.ts'
import { checkBinding } from './bindings.ts'
import { checkExtension } from './extensions.ts'
import { Report } from './report.ts'
import { checkReference } from './references.ts'
import { Scope } from './scope.ts'
import type { Shape, Shapes, Slot } from './shape.ts'
import { ambiguousChoice, missingElement, quote, unknownProperty } from './wording.ts'

/** R4 sets no limit; nothing real comes near, and the stack has one. Counted in objects. */
const MAX_LEVELS = 100

export class Walk {
  readonly report: Report
  readonly #definitions: Definitions
  readonly #shapes: Shapes
  readonly #named: string[] | undefined
  #scope: Scope
  #levels = 0
  #tooDeep = false

  /** @param named as `Validator.validate` has it */
  constructor(definitions: Definitions, shapes: Shapes, resource: Resource, named?: string[]) {
    this.#definitions = definitions
    this.#shapes = shapes
    this.#named = named
    this.#scope = new Scope(resource)
    const { resourceType } = resource
    this.report = new Report(
      typeof resourceType === 'string' && resourceType !== '' ? resourceType : 'Resource',
    )
  }

  resource(node: JsonValue | undefined, contained = false): void {
    if (this.report.isFull) return
    if (!isJsonObject(node))
      return this.#fault('structure', `A resource must be an object, not ${quote(node)}.`)
    const type = node['resourceType']
    if (typeof type !== 'string' || !this.#definitions.isResourceType(type))
      return this.#badResourceType(type)
    const outer = this.#scope
    this.#scope = new Scope(node, contained ? outer : undefined)
    if (contained) this.#containedId(node)
    this.#object(node, this.#shapes(type))
    this.#scope = outer
  }

  #badResourceType(type: JsonValue | undefined): void {
    if (type === undefined) return this.#fault('required', 'A resource must say its resourceType.')
    const meant = typeof type === 'string' ? nearestName(type, this.#definitions.resourceTypes) : undefined
    this.#fault(
      'structure',
      `${quote(type)} is no resource type of R4.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
    )
  }

  /** https://hl7.org/fhir/R4/references.html#contained */
  #containedId(node: JsonObject): void {
    const { id } = node
    if (id === undefined) this.#fault('required', 'A contained resource must have an id, to be referred to.')
    if (typeof id === 'string' && this.#scope.containedById(id) !== node && !this.#nested(node))
      this.#fault('duplicate', `Another contained resource has the id ${quote(id)} already.`)
  }

  /** Contained within a contained resource, which dom-2 refuses. */
  #nested(node: JsonObject): boolean {
    const { contained } = this.#scope.rootResource
    return !Array.isArray(contained) || !contained.includes(node)
  }

  /** `hasValue`: a primitive whose value stands beside the node, so that an id alone will do. */
  #object(node: JsonObject, shape: Shape, hasValue = false): void {
    if (this.#levels >= MAX_LEVELS) {
      this.#tooDeep = true
      return this.#fault('structure', `Elements stand more than ${MAX_LEVELS} levels deep here.`)
    }
    if (this.report.isFull) return
    this.#levels++
    let seen = 0
    let twice = 0
    let filled = false
    for (const key in node) {
      const value = node[key]
      if (value === undefined) continue
      const slot = shape.slots.get(key)
      if (slot === undefined) {
        if (!(shape.isResource && key === 'resourceType')) this.#unknown(key, shape)
        filled = true
        continue
      }
      if (key !== 'id') filled = true
      twice |= seen & slot.bit
      seen |= slot.bit
      this.report.enter(slot.step)
      this.#property(node, slot, value)
      this.report.leave()
    }
    if (!filled && !shape.isResource && !(hasValue && node['id'] !== undefined))
      this.#fault('invariant', 'ele-1: An element must have a value or children.')
    if ((seen & shape.requiredBits) !== shape.requiredBits) this.#missing(seen, shape)
    if (twice !== 0) this.#choices(node, shape)
    if (shape.isExtension) checkExtension(node, this.report)
    if (shape.invariants.length > 0) this.#invariants(node, shape.invariants)
    this.#levels--
  }

  #property(node: JsonObject, slot: Slot, value: JsonValue): void {
    if (!slot.array) {
      if (value === null) this.#fault('structure', 'null may not stand here. Leave the property out instead.')
      else if (Array.isArray(value))
        this.#fault('structure', `${slot.key} does not repeat: it may not be an array.`)
      else this.#one(node, slot.key, slot, value, slot.kind === 'sibling' ? node[slot.partner] : undefined)
      return
    }
    if (!Array.isArray(value)) return this.#fault('structure', `${slot.key} repeats: it must be an array.`)
    if (value.length === 0)
      return this.#fault('structure', 'An array may not be empty. Leave the property out.')
    const partner = slot.partner === '' ? undefined : node[slot.partner]
    if (slot.kind === 'sibling' && Array.isArray(partner) && partner.length !== value.length)
      this.#fault(
        'structure',
        `${slot.key} and ${slot.partner} must have as many items, filled up with null.`,
      )
    for (let index = 0; index < value.length; index++) {
      this.report.enter(index)
      const item = value[index]
      if (item === null || item === undefined) this.#nullItem(slot, partner, index)
      else this.#one(value, index, slot, item, Array.isArray(partner) ? partner[index] : undefined)
      this.report.leave()
    }
  }

  /** null fills up the array of values or of siblings, where the other one has something. */
  #nullItem(slot: Slot, partner: JsonValue | undefined, index: number): void {
    const other = Array.isArray(partner) ? partner[index] : undefined
    if (other !== null && other !== undefined) return
    if (slot.kind === 'sibling' && Array.isArray(partner) && index < partner.length) return
    const where = slot.partner === '' ? '' : ` unless ${slot.partner} says something at the same place`
    this.#fault('structure', `null may not stand here${where}.`)
  }

  /** `partner`: of a sibling, the value that it stands beside. */
  #one(
    container: JsonObject | JsonValue[],
    key: string | number,
    slot: Slot,
    value: JsonValue,
    partner: JsonValue | undefined,
  ): void {
    if (slot.kind === 'primitive') {
      this.#primitive(container, key, slot, value)
    } else if (slot.kind === 'resource') {
      this.resource(value, slot.property.element.path === 'DomainResource.contained')
    } else if (!isJsonObject(value)) {
      const what = slot.kind === 'sibling' ? 'Element' : slot.property.type.code
      return this.#fault('structure', `${slot.key} must be an object (${what}), not ${quote(value)}.`)
    } else {
      this.#object(value, slot.shape(), slot.kind === 'sibling' && (partner ?? null) !== null)
      if (slot.kind === 'sibling') return
      if (slot.property.type.code === 'Reference') {
        checkReference(value, slot.targets, this.#scope, this.#definitions, this.report)
        const { reference } = value
        if (typeof reference === 'string') this.#named?.push(reference)
      }
      if (slot.codes !== undefined) checkBinding(value, slot.property.type.code, slot.codes, this.report)
      if (slot.property.type.profile === 'SimpleQuantity' && value['comparator'] !== undefined)
        this.#fault('invariant', 'sqty-1: The comparator is not used on a SimpleQuantity.')
    }
    if (slot.invariants.length > 0) this.#invariants(value, slot.invariants)
  }

  #primitive(container: JsonObject | JsonValue[], key: string | number, slot: Slot, value: JsonValue): void {
    const { format } = slot
    const type = slot.property.type.code
    if (format === undefined) return
    if (typeof value !== format.json)
      return this.#fault('structure', `${slot.key} must be a ${format.json} (${type}), not ${quote(value)}.`)
    if (value === '')
      return this.#fault('structure', 'A string may not be empty. Leave the property out instead.')
    const problem = format.fault(value as never)
    if (problem !== undefined) return this.#fault('value', `${quote(value)} ${problem}.`)
    if (format.whole) {
      const written = decimalText(container as JsonObject, key as string)
      if (written !== undefined && /[.eE]/.test(written))
        return this.#fault('value', `${written} must be written without a point or exponent (${type}).`)
    }
    if (slot.codes !== undefined && !slot.codes.hasCode(value as string))
      checkBinding(value, type, slot.codes, this.report)
  }

  #invariants(node: JsonValue, invariants: readonly Invariant[]): void {
    if (this.#tooDeep) return
    for (const invariant of invariants) {
      if (!invariant.check(node, this.#scope))
        this.report.add(invariant.severity, 'invariant', `${invariant.key}: ${invariant.human}`)
    }
  }

  #missing(seen: number, shape: Shape): void {
    for (const { bit, element } of shape.required) {
      if ((seen & bit) !== 0) continue
      this.report.enter(element.name)
      this.#fault('required', missingElement(element, shape))
      this.report.leave()
    }
  }

  #choices(node: JsonObject, shape: Shape): void {
    const present = new Map<string, string[]>()
    for (const [key, slot] of shape.slots) {
      if (!slot.property.element.choice || slot.kind === 'sibling') continue
      if (node[key] === undefined && node[slot.partner] === undefined) continue
      const names = present.get(slot.step) ?? []
      names.push(key)
      present.set(slot.step, names)
    }
    for (const [step, names] of present) {
      if (names.length < 2) continue
      this.report.enter(step)
      this.#fault('structure', ambiguousChoice(step, names))
      this.report.leave()
    }
  }

  #unknown(key: string, shape: Shape): void {
    if (this.report.isFull) return
    this.report.enter(key)
    this.#fault('structure', unknownProperty(key, shape))
    this.report.leave()
  }

  #fault(code: IssueType, diagnostics: string): void {
    this.report.add('error', code, diagnostics)
  }
}
