// Puts values into a resource at the ids of ElementDefinitions: `Patient.name.given`, `Patient.telecom:home.value`
// (https://hl7.org/fhir/R4/elementdefinition.html#id).
import {
  copyValue,
  isJsonObject,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type TypeDefinition,
  type TypeReference,
} from '../../fhir/index.ts'
import { convertAnswer, convertComputed, isShapedAs, type TypedAnswer } from './answer-values.ts'
import type { OutputLimit } from './output-limit.ts'

/** An object that was made for an element, and the id of that element. */
export interface MadeElement {
  readonly object: JsonObject
  readonly type: TypeDefinition
  readonly id: string
}

/** Elements of one place that the items of one part of a form fill in together. */
export interface ElementScope extends MadeElement {
  /** Elements of repeating ones that this part has begun, by id. */
  readonly begun: Map<string, JsonObject>
  /** The part of the form around this one that fills in the same object, and what it has begun. */
  readonly before: ElementScope | undefined
  /** Id of an element that is begun anew here, though it has been begun before. */
  readonly anew?: string
  /** The element or resource that `object` is a part of. */
  readonly around: ElementScope | undefined
  /** All that was made of the resource so far, itself included. */
  readonly made: MadeElement[]
}

/** Either a value that was answered, with its unit where it is a number, or one that was computed. */
export type NewValue =
  | { readonly kind: 'answer'; readonly answer: TypedAnswer; readonly unit: JsonObject | undefined }
  | { readonly kind: 'computed'; readonly value: JsonValue }

/** Why something cannot be put where it belongs, as a sentence. */
export type Refusal = string

/** One step of an id: a name and a slice, `telecom:home`. */
interface Step {
  readonly name: string
  readonly slice: string | undefined
  /** Up to here. */
  readonly id: string
}

export class ElementWriter {
  readonly #definitions: Definitions
  readonly #limit: OutputLimit

  constructor(definitions: Definitions, limit: OutputLimit) {
    this.#definitions = definitions
    this.#limit = limit
  }

  /** A scope for a new resource. @throws TypeError for what is no resource type */
  resource(type: string): ElementScope {
    const definition = this.#definitions.type(type)
    if (definition?.kind !== 'resource') throw new TypeError(`${type} is no type of resource`)
    const root = { object: { resourceType: type }, type: definition, id: type }
    return { ...root, begun: new Map(), before: undefined, around: undefined, made: [root] }
  }

  /** A part of the form that fills in the same element, and begins its own repetitions of what is in it. */
  part(scope: ElementScope): ElementScope {
    return { ...scope, begun: new Map(), before: scope }
  }

  /** A part in which the innermost repeating element around this one is begun anew. */
  again(scope: ElementScope, id: string): ElementScope {
    const owner = scopeOf(scope, id)
    let at = owner
    let anew: string | undefined
    for (const step of owner === undefined ? [] : stepsOf(owner, id).slice(0, -1)) {
      const known: ElementScope | undefined = at === undefined ? undefined : this.#known(at, step)
      if (at === undefined || known === undefined) break
      if (at.type.properties.get(propertyOf(at, step))?.array === true) anew = step.id
      at = known
    }
    return anew === undefined ? scope : { ...this.part(scope), anew }
  }

  /** Begins the element of this id, for the items of one group. */
  open(from: ElementScope, id: string): ElementScope | Refusal {
    const found = this.#holder(from, id)
    if (typeof found === 'string') return found
    const { scope, step } = found
    const opened = this.#enter(scope, step, true)
    return typeof opened === 'string'
      ? opened
      : { ...opened, begun: new Map(), before: undefined, around: from }
  }

  /** Sets the element of this id, or adds to it when it repeats. */
  put(from: ElementScope, id: string, value: NewValue): Refusal | undefined {
    const found = this.#holder(from, id)
    if (typeof found === 'string') return found
    return this.#set(found.scope, found.step, value)
  }

  /** Whether the element of this id has its value already, and takes no second. */
  isTaken(from: ElementScope, id: string): boolean {
    const scope = scopeOf(from, id)
    const steps = scope === undefined ? [] : stepsOf(scope, id)
    const last = steps.at(-1)
    if (scope === undefined || last === undefined) return false
    let at: ElementScope = scope
    for (const step of steps.slice(0, -1)) {
      const known = this.#known(at, step)
      if (known === undefined) return false
      at = known
    }
    const element = at.type.elements.find((one) => one.name === plainName(last.name))
    return (
      element?.max === 1 &&
      Object.keys(at.object).some((key) => at.type.properties.get(key)?.element === element)
    )
  }

  /** The scope that the last step of an id is taken from, its elements begun where they are not yet. */
  #holder(from: ElementScope, id: string): { readonly scope: ElementScope; readonly step: Step } | Refusal {
    const scope = scopeOf(from, id)
    const steps = scope === undefined ? [] : stepsOf(scope, id)
    const last = steps.at(-1)
    if (scope === undefined || last === undefined)
      return `${id} is no element of what is made here, ${from.id}.`
    let at: ElementScope = scope
    for (const step of steps.slice(0, -1)) {
      const next = this.#enter(at, step, false)
      if (typeof next === 'string') return next
      at = next
    }
    return { scope: at, step: last }
  }

  /** `isNew`: another repetition is begun, whatever there is. */
  #enter(scope: ElementScope, step: Step, isNew: boolean): ElementScope | Refusal {
    const known = isNew ? undefined : this.#known(scope, step)
    if (known !== undefined) return known
    const property = propertyOf(scope, step)
    const entry = scope.type.properties.get(property)
    if (entry === undefined) return `${step.id} is no element of R4.`
    const type = this.#definitions.type(entry.type.code)
    if (entry.primitive || type === undefined || type.kind === 'resource' || type.abstract)
      return `${step.id} has no elements of its own that could be filled in.`
    const { object } = scope
    const value = object[property]
    let made: JsonObject
    if (entry.array) {
      made = {}
      if (Array.isArray(value)) value.push(made)
      else object[property] = [made]
      if (!isNew) scope.begun.set(step.id, made)
    } else {
      made = isJsonObject(value) ? value : {}
      object[property] = made
    }
    if (made !== value) scope.made.push({ object: made, type, id: step.id })
    return { ...scope, object: made, type, id: step.id }
  }

  /** What has been begun of a step, here or in what is around. */
  #known(scope: ElementScope, step: Step): ElementScope | undefined {
    const property = propertyOf(scope, step)
    const entry = scope.type.properties.get(property)
    const type = entry === undefined || entry.primitive ? undefined : this.#definitions.type(entry.type.code)
    if (entry === undefined || type === undefined) return undefined
    const object = entry.array ? begunAt(scope, step.id) : scope.object[property]
    if (!isJsonObject(object)) return undefined
    return { ...scope, object, type, id: step.id }
  }

  #set({ object, type }: ElementScope, step: Step, value: NewValue): Refusal | undefined {
    const name = plainName(step.name)
    const element = type.elements.find((one) => one.name === name)
    const named = type.properties.get(step.slice ?? '') ?? type.properties.get(step.name)
    if (element === undefined && named === undefined) return `${step.id} is no element of R4.`
    const about = element ?? named?.element
    const types: readonly TypeReference[] =
      named !== undefined && named.element.choice ? [named.type] : (about?.types ?? [])
    const converted = firstOf(orderedFor(types, value), (one) => {
      const fit = convert(value, one.code)
      return isJsonObject(fit) && !isShapedAs(fit, one.code, this.#definitions) ? undefined : fit
    })
    if (converted !== undefined) this.#limit.spend(converted.value, step.id)
    if (about === undefined || converted === undefined)
      return `What is answered cannot be said as ${types.map(({ code }) => code).join(' or ')}, which ${step.id} takes.`
    const { type: fitting, value: fit } = converted
    const property = about.choice ? `${about.name}${capital(fitting.code)}` : about.name
    if (about.max > 1) {
      const list = object[property]
      const array = Array.isArray(list) ? list : []
      object[property] = array
      array.push(null)
      place(array as unknown as JsonObject, String(array.length - 1), value, fit)
      return undefined
    }
    const taken = Object.keys(object).find((key) => type.properties.get(key)?.element === about)
    if (taken !== undefined) return `${step.id} has a value already, and takes one.`
    place(object, property, value, fit)
    return undefined
  }
}

/** The part around that an id is below; the innermost of several. */
function scopeOf(from: ElementScope, id: string): ElementScope | undefined {
  let scope: ElementScope | undefined = from
  while (scope !== undefined && !id.startsWith(`${scope.id}.`)) scope = scope.around
  return scope
}

function stepsOf(scope: ElementScope, id: string): readonly Step[] {
  let so = scope.id
  return id
    .slice(scope.id.length + 1)
    .split('.')
    .map((text) => {
      so += `.${text}`
      const colon = text.indexOf(':')
      return colon < 0
        ? { name: text, slice: undefined, id: so }
        : { name: text.slice(0, colon), slice: text.slice(colon + 1), id: so }
    })
}

/** In JSON: of a choice, the slice that names its type. */
function propertyOf({ type }: ElementScope, { name, slice }: Step): string {
  return name.endsWith('[x]') && slice !== undefined && type.properties.has(slice) ? slice : name
}

function plainName(name: string): string {
  return name.endsWith('[x]') ? name.slice(0, -3) : name
}

function begunAt(scope: ElementScope, id: string): JsonObject | undefined {
  for (let at: ElementScope | undefined = scope; at !== undefined; at = at.before) {
    const begun = at.begun.get(id)
    if (begun !== undefined) return begun
    if (at.anew === id) return undefined
  }
  return undefined
}

/** Of several types, that of the answer itself first. */
function orderedFor(types: readonly TypeReference[], value: NewValue): readonly TypeReference[] {
  if (value.kind === 'computed') return types
  const own = types.filter(({ code }) => code === value.answer.type)
  return [...own, ...types.filter((type) => !own.includes(type))]
}

function convert(value: NewValue, target: string): JsonValue | undefined {
  return value.kind === 'answer'
    ? convertAnswer(value.answer, target, value.unit)
    : convertComputed(value.value, target)
}

function firstOf(
  types: readonly TypeReference[],
  convertTo: (type: TypeReference) => JsonValue | undefined,
): { readonly type: TypeReference; readonly value: JsonValue } | undefined {
  for (const type of types) {
    const value = convertTo(type)
    if (value !== undefined) return { type, value }
  }
  return undefined
}

/** A number keeps the digits that it was answered in. */
function place(holder: JsonObject, key: string, source: NewValue, value: JsonValue): void {
  holder[key] = value
  if (source.kind === 'answer' && source.answer.value === value && typeof value === 'number')
    copyValue(source.answer.holder, source.answer.property, holder, key)
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}
