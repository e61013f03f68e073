// Types as the validator walks them: what may stand under each JSON name, linked at first use.
import type { Definitions, ElementDefinition, Property, ValueSetCodes } from '../../fhir/index.ts'
import type { Invariant } from '../invariants/index.ts'
import { invariantsOfElement, invariantsOfType } from '../invariants/index.ts'
import type { Format } from './formats.ts'
import { formatOf } from './formats.ts'

/** One JSON name of a type: `birthDate`, its sibling `_birthDate`, or `valueQuantity`. */
export interface Slot {
  readonly key: string
  /** As FHIRPath steps to it: `birthDate`, `value`. */
  readonly step: string
  readonly kind: 'primitive' | 'sibling' | 'complex' | 'resource'
  /** The `_name` of a primitive, and the other way round; empty when there is none. */
  readonly partner: string
  readonly array: boolean
  /** Shared by the JSON names of one element; 0 unless the element is required or a choice. */
  readonly bit: number
  readonly property: Property
  readonly format: Format | undefined
  /** The codes of a required binding that can be enumerated. */
  readonly codes: ValueSetCodes | undefined
  /** For a Reference: the types allowed; undefined for any. */
  readonly targets: ReadonlySet<string> | undefined
  /** Of the element itself; those of its type are with the shape. */
  readonly invariants: readonly Invariant[]
  /** What an object in this slot looks like; of a resource its resourceType decides. */
  readonly shape: () => Shape
}

export interface Shape {
  readonly name: string
  readonly isResource: boolean
  readonly isExtension: boolean
  readonly slots: ReadonlyMap<string, Slot>
  /** The elements whose bit must be seen, and the bits together. */
  readonly required: readonly { readonly bit: number; readonly element: ElementDefinition }[]
  readonly requiredBits: number
  readonly invariants: readonly Invariant[]
}

/** Shapes by type name or backbone path. */
export type Shapes = (type: string) => Shape

/** @throws Error (when called for a shape) for what is no type of R4 */
export function createShapes(definitions: Definitions): Shapes {
  const shapes = new Map<string, Shape>()
  const shapeOf: Shapes = (type) => {
    let shape = shapes.get(type)
    if (shape === undefined) {
      shape = linkShape(type, definitions, shapeOf)
      shapes.set(type, shape)
    }
    return shape
  }
  return shapeOf
}

function linkShape(name: string, definitions: Definitions, shapeOf: Shapes): Shape {
  const type = definitions.type(name)
  if (!type) throw new Error(`${name} is no type of R4`)
  const bits = new Map<ElementDefinition, number>()
  for (const element of type.elements) {
    if (element.min > 0 || element.choice) bits.set(element, 1 << bits.size)
  }
  if (bits.size > 31)
    throw new Error(`${name} has more required and choice elements than one number has bits`)

  const slots = new Map<string, Slot>()
  for (const [key, property] of type.properties) {
    const slot = linkSlot(key, property, bits.get(property.element) ?? 0, definitions, shapeOf)
    slots.set(key, slot)
    if (property.sibling) slots.set(slot.partner, siblingOf(slot, shapeOf))
  }
  const required = type.elements
    .filter((it) => it.min > 0)
    .map((element) => ({ bit: bits.get(element) ?? 0, element }))
  return {
    name,
    isResource: type.kind === 'resource',
    isExtension: name === 'Extension',
    slots,
    required,
    requiredBits: required.reduce((all, { bit }) => all | bit, 0),
    invariants: invariantsOfType(name),
  }
}

function linkSlot(
  key: string,
  property: Property,
  bit: number,
  definitions: Definitions,
  shapeOf: Shapes,
): Slot {
  const { element, type, primitive } = property
  const isResource = !primitive && definitions.type(type.code)?.kind === 'resource'
  const binding = element.binding
  const bound = binding?.strength === 'required' && (primitive || BOUND_TYPES.has(type.code))
  let shape: Shape | undefined
  return {
    key,
    step: element.name,
    kind: primitive ? 'primitive' : isResource ? 'resource' : 'complex',
    partner: property.sibling ? `_${key}` : '',
    array: property.array,
    bit,
    property,
    format: primitive ? formatOf(type.code) : undefined,
    codes: bound ? definitions.codes(binding.valueSet) : undefined,
    targets: type.code === 'Reference' && type.targets.length > 0 ? new Set(type.targets) : undefined,
    invariants: invariantsOfElement(element.path),
    shape: () => {
      shape ??= shapeOf(type.code)
      return shape
    },
  }
}

const BOUND_TYPES = new Set(['Coding', 'CodeableConcept', 'Quantity'])

/** `_birthDate` holds the id and extensions of `birthDate` (https://hl7.org/fhir/R4/json.html#primitive). */
function siblingOf(slot: Slot, shapeOf: Shapes): Slot {
  return {
    ...slot,
    key: slot.partner,
    partner: slot.key,
    kind: 'sibling',
    format: undefined,
    codes: undefined,
    invariants: [],
    shape: () => shapeOf('Element'),
  }
}
