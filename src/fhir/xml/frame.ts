// An XML element that is open, and the part of the model that it becomes (https://hl7.org/fhir/R4/xml.html).
import { setWrittenForms, setDecimalText } from '../json/numerals.ts'
import type { Property, TypeDefinition } from '../definitions/definition.ts'
import type { JsonObject, JsonValue } from '../resource.ts'

const NUMBERS: ReadonlySet<string> = new Set(['decimal', 'integer', 'unsignedInt', 'positiveInt'])
const NUMERAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

export type FrameKind =
  /** Of a resource, data type or backbone: its children are elements of its type. */
  | 'object'
  /** Its value is an attribute; its id and extensions become the sibling `_name`. */
  | 'primitive'
  /** `contained`, `Bundle.entry.resource`: around a resource, which has a tag of its own. */
  | 'holder'
  | 'narrative'

/** The repetitions of one element, which stand together. */
interface Run {
  readonly property: Property
  readonly values: JsonValue[]
  /** Of primitives: what becomes `_name`; undefined while no repetition has any. */
  siblings: JsonValue[] | undefined
  /** Of numbers: how each was written. */
  forms: Record<string, string> | undefined
}

export class Frame {
  readonly kind: FrameKind
  /** The tag, for messages and for the JSON name. */
  readonly name: string
  readonly type: TypeDefinition
  readonly property: Property | undefined
  readonly parent: Frame | undefined
  /** As FHIRPath steps to it from its parent: `.name[0]`; '' for a resource in its holder. */
  readonly step: string
  /** How deep its object stands in the JSON, the object itself counted. */
  readonly depth: number
  /** The object itself; of a primitive, its sibling. */
  readonly object: JsonObject
  /** The attribute of a primitive. */
  value: string | undefined
  /** The place in the type of the last element seen, and its tag. */
  lastIndex = -1
  lastName = ''
  #run: Run | undefined

  constructor(
    kind: FrameKind,
    name: string,
    type: TypeDefinition,
    property: Property | undefined,
    parent: Frame | undefined,
    object: JsonObject,
  ) {
    this.kind = kind
    this.name = name
    this.type = type
    this.property = property
    this.parent = parent
    this.object = object
    if (parent === undefined) {
      this.step = name
      this.depth = 1
    } else if (property === undefined) {
      this.step = ''
      this.depth = parent.depth
    } else {
      this.step = `.${property.element.name}${property.array ? `[${parent.countOf(name)}]` : ''}`
      this.depth = parent.depth + (property.array ? 2 : 1)
    }
  }

  /** FHIRPath from the root. */
  get path(): string {
    return (this.parent?.path ?? '') + this.step
  }

  /** How many of the repetitions being read have this tag. */
  countOf(name: string): number {
    return this.lastName === name ? (this.#run?.values.length ?? 0) : 0
  }

  /** Whether an element of this tag has been read before the repetitions that are being read. */
  has(name: string): boolean {
    return Object.hasOwn(this.object, name) || Object.hasOwn(this.object, `_${name}`)
  }

  /** Puts an object or a string where its tag says. */
  put(name: string, property: Property, value: JsonValue): void {
    if (property.array) this.#runOf(property).values.push(value)
    else this.object[name] = value
  }

  /** Puts a primitive where its tag says; `sibling`: its id and extensions. */
  putPrimitive(
    name: string,
    property: Property,
    text: string | undefined,
    sibling: JsonObject | undefined,
  ): void {
    const value = text === undefined ? null : valueOf(text, property.type.code)
    if (!property.array) {
      if (value !== null) this.object[name] = value
      if (typeof value === 'number') setDecimalText(this.object, name, text)
      if (sibling !== undefined) this.object[`_${name}`] = sibling
      return
    }
    const run = this.#runOf(property)
    if (typeof value === 'number' && String(value) !== text) {
      run.forms ??= {}
      run.forms[run.values.length] = text as string
    }
    if (sibling !== undefined) run.siblings ??= run.values.map(() => null)
    run.values.push(value)
    run.siblings?.push(sibling ?? null)
  }

  #runOf(property: Property): Run {
    this.#run ??= { property, values: [], siblings: undefined, forms: undefined }
    return this.#run
  }

  /** The repetitions end where another tag begins, and with the element. */
  endRun(): void {
    const run = this.#run
    if (run === undefined) return
    const name = this.lastName
    if (!run.property.primitive || run.values.some((it) => it !== null)) {
      if (run.forms !== undefined) setWrittenForms(run.values, run.forms)
      this.object[name] = run.values
    }
    if (run.siblings !== undefined) this.object[`_${name}`] = run.siblings
    this.#run = undefined
  }
}

/** What is lexically no number or boolean stays text, which validation then finds in the place of one. */
function valueOf(text: string, type: string): JsonValue {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (!NUMBERS.has(type) || !NUMERAL.test(text)) return text
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}
