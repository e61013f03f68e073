// What an answer says as a value of another type: a Coding as a CodeableConcept, a date as a dateTime.
import {
  copyValue,
  isDate,
  isDateTime,
  isInstant,
  isJsonObject,
  isTime,
  type Definitions,
  type JsonObject,
  type JsonValue,
} from '../../fhir/index.ts'
import { objectOf, textOf } from './elements.ts'

/** A value and its FHIR type, such as `Coding`; `holder[property]` is where it stands, with the digits it is written in. */
export interface TypedAnswer {
  readonly type: string
  readonly value: JsonValue
  readonly holder: JsonObject
  readonly property: string
}

/** Datatypes that have a `text` of their own. */
const WITH_TEXT: ReadonlySet<string> = new Set([
  'CodeableConcept',
  'Annotation',
  'HumanName',
  'Address',
  'Timing',
])
const LIKE_TEXT: ReadonlySet<string> = new Set([
  'string',
  'markdown',
  'uri',
  'url',
  'canonical',
  'code',
  'id',
])
const QUANTITIES: ReadonlySet<string> = new Set(['Quantity', 'Age', 'Count', 'Distance', 'Duration'])

/** Of a `value[x]`: `valueCoding` is a Coding. Without definitions of it, undefined. */
export function typedAnswer(
  holder: JsonObject,
  property: string,
  definitions: Definitions,
): TypedAnswer | undefined {
  const value = holder[property]
  if (value === undefined || value === null) return undefined
  const tail = property.slice('value'.length)
  const lower = `${tail.charAt(0).toLowerCase()}${tail.slice(1)}`
  const type = definitions.type(tail) === undefined ? lower : tail
  return { type, value, holder, property }
}

/** The same as a value of `target`; undefined where it cannot be said so. `unit` is a Coding for numbers. */
export function convertAnswer(answer: TypedAnswer, target: string, unit?: JsonObject): JsonValue | undefined {
  const { type, value } = answer
  if (QUANTITIES.has(target) && typeof value === 'number') return quantity(answer, unit)
  if (target === type || (QUANTITIES.has(target) && QUANTITIES.has(type))) return value
  if (type === 'Coding') return fromCoding(objectOf(value) ?? {}, target)
  if (typeof value === 'number') return fromNumber(value, target)
  if (typeof value !== 'string') return undefined
  if (type === 'date') return target === 'dateTime' && isDateTime(value) ? value : undefined
  if (type === 'dateTime') return fromDateTime(value, target)
  if (type === 'time') return undefined
  return fromText(value, target)
}

/** Whether an object has only elements that the datatype has. */
export function isShapedAs(value: JsonObject, type: string, definitions: Definitions): boolean {
  const properties = definitions.type(type)?.properties
  return Object.keys(value).every((key) => properties?.has(key.startsWith('_') ? key.slice(1) : key) === true)
}

/** A value that was computed, whose type is told by its looks alone. */
export function convertComputed(value: JsonValue, target: string): JsonValue | undefined {
  if (typeof value === 'boolean') return target === 'boolean' ? value : undefined
  const holder: JsonObject = { value }
  if (typeof value === 'number')
    return convertAnswer(
      { type: Number.isInteger(value) ? 'integer' : 'decimal', value, holder, property: 'value' },
      target,
    )
  if (typeof value === 'string') return fromComputedText(value, target)
  if (!isJsonObject(value)) return undefined
  if (target === 'Reference') return referenceOf(value)
  if (target === 'CodeableConcept' && value.coding === undefined && value.code !== undefined)
    return { coding: [value] }
  return /^[A-Z]/.test(target) ? value : undefined
}

function fromComputedText(value: string, target: string): JsonValue | undefined {
  switch (target) {
    case 'date':
      return isDate(value) ? value : isDateTime(value) ? value.slice(0, 10) : undefined
    case 'dateTime':
      return isDateTime(value) ? value : undefined
    case 'instant':
      return isInstant(value) ? value : undefined
    case 'time':
      return isTime(value) ? value : undefined
    case 'Reference':
      return { reference: value }
    default:
      return fromText(value, target)
  }
}

function referenceOf(value: JsonObject): JsonObject | undefined {
  const { resourceType, id } = value
  if (typeof resourceType !== 'string') return value
  return typeof id === 'string' ? { reference: `${resourceType}/${id}` } : undefined
}

function fromCoding(coding: JsonObject, target: string): JsonValue | undefined {
  const { code, display } = coding
  if (target === 'CodeableConcept') return { coding: [withoutExtensions(coding)] }
  if (target === 'code') return textOf(code)
  return target === 'string' || target === 'markdown' ? (textOf(display) ?? textOf(code)) : undefined
}

/** Weights and the like belong to the answer. */
export function withoutExtensions(coding: JsonObject): JsonObject {
  const { extension: _, ...plain } = coding
  return plain
}

function fromNumber(value: number, target: string): JsonValue | undefined {
  switch (target) {
    case 'decimal':
      return value
    case 'integer':
      return Number.isInteger(value) ? value : undefined
    case 'unsignedInt':
      return Number.isInteger(value) && value >= 0 ? value : undefined
    case 'positiveInt':
      return Number.isInteger(value) && value >= 1 ? value : undefined
    default:
      return undefined
  }
}

function fromDateTime(value: string, target: string): JsonValue | undefined {
  if (target === 'date') return value.slice(0, 10)
  return target === 'instant' && isInstant(value) ? value : undefined
}

function fromText(value: string, target: string): JsonValue | undefined {
  if (target === 'code') return /^\S+(?: \S+)*$/.test(value) ? value : undefined
  if (LIKE_TEXT.has(target)) return value
  return WITH_TEXT.has(target) ? { text: value } : undefined
}

/** A number with the unit of its question, in the digits in which it was answered. */
function quantity({ holder, property }: TypedAnswer, unit: JsonObject | undefined): JsonObject {
  const made: JsonObject = {}
  copyValue(holder, property, made, 'value')
  if (unit === undefined) return made
  const { system, code, display } = unit
  const name = display ?? code
  if (name !== undefined) made.unit = name
  if (system !== undefined && code !== undefined) Object.assign(made, { system, code })
  return made
}
