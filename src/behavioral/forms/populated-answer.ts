// What is known as an answer to a question: a CodeableConcept as one of its options, a resource as a reference to it
// (https://hl7.org/fhir/uv/sdc/populate.html).
import {
  isDate,
  isDateTime,
  isJsonObject,
  isTime,
  type Definitions,
  type JsonObject,
  type JsonValue,
} from '../../fhir/index.ts'
import type { AnswerOptions } from './answer-options.ts'
import { isShapedAs, withoutExtensions } from './answer-values.ts'
import { extensionValue, objectOf, objectsOf, textOf } from './elements.ts'
import type { FormItem } from './form.ts'
import { UNIT } from './sdc.ts'

/** The item of a question, its options, and R4's own value sets. */
export interface Question {
  readonly item: FormItem
  readonly options: AnswerOptions | undefined
  readonly definitions: Definitions
}

/** `{ valueCoding: ... }`; undefined where the value cannot answer the question. */
export function answerFrom(value: JsonValue, question: Question): JsonObject | undefined {
  const answer = anyAnswer(value, question)
  const [property, given] = Object.entries(answer ?? {})[0] ?? []
  const type = property?.slice('value'.length) ?? ''
  return isJsonObject(given) && !isShapedAs(given, type, question.definitions) ? undefined : answer
}

function anyAnswer(value: JsonValue, question: Question): JsonObject | undefined {
  const { type } = question.item
  if (type === 'choice' || type === 'open-choice') return choiceFrom(value, question)
  const answer = plainAnswer(value, question.item)
  const [property] = answer === undefined ? [] : Object.keys(answer)
  const { options } = question
  if (answer === undefined || property === undefined || options?.properties.has(property) !== true)
    return answer
  return options.has(property, answer[property] as JsonValue) === false ? undefined : answer
}

function plainAnswer(value: JsonValue, { type, item }: FormItem): JsonObject | undefined {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? { valueBoolean: value } : undefined
    case 'integer':
      return numberFrom(value, item, 'valueInteger')
    case 'decimal':
      return numberFrom(value, item, 'valueDecimal')
    case 'quantity':
      return quantityFrom(value, item)
    case 'reference':
      return referenceFrom(value)
    case 'attachment':
      return isJsonObject(value) && value.resourceType === undefined ? { valueAttachment: value } : undefined
    default:
      return typeof value === 'string' ? textFrom(value, type) : undefined
  }
}

function textFrom(value: string, type: string): JsonObject | undefined {
  switch (type) {
    case 'date':
      if (isDate(value)) return { valueDate: value }
      return isDateTime(value) ? { valueDate: value.slice(0, 10) } : undefined
    case 'dateTime':
      return isDateTime(value) ? { valueDateTime: value } : undefined
    case 'time':
      return isTime(value) ? { valueTime: value } : undefined
    case 'url':
      return /^\S+$/.test(value) ? { valueUri: value } : undefined
    case 'string':
    case 'text':
      return value.trim() === '' ? undefined : { valueString: value }
    default:
      return undefined
  }
}

/** A number, or the value of a Quantity in the unit that the question asks for. */
function numberFrom(value: JsonValue, item: JsonObject, property: string): JsonObject | undefined {
  const number = isJsonObject(value) && isOfUnit(value, item) ? value.value : value
  if (typeof number !== 'number') return undefined
  return property === 'valueInteger' && !Number.isInteger(number) ? undefined : { [property]: number }
}

function isOfUnit(quantity: JsonObject, item: JsonObject): boolean {
  const unit = objectOf(extensionValue(item, UNIT))
  return unit !== undefined && unit.code === quantity.code && unit.system === quantity.system
}

function quantityFrom(value: JsonValue, item: JsonObject): JsonObject | undefined {
  if (isJsonObject(value)) return typeof value.value === 'number' ? { valueQuantity: value } : undefined
  const unit = objectOf(extensionValue(item, UNIT))
  if (typeof value !== 'number' || unit === undefined) return undefined
  const { system, code, display } = unit
  return { valueQuantity: { value, unit: display ?? code, system, code } }
}

function referenceFrom(value: JsonValue): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined
  const { resourceType, id, reference, identifier } = value
  if (typeof resourceType === 'string')
    return typeof id === 'string' ? { valueReference: { reference: `${resourceType}/${id}` } } : undefined
  return reference === undefined && identifier === undefined ? undefined : { valueReference: value }
}

/** A CodeableConcept answers by the first of its codings that is an option; a text by the option that it names. */
function choiceFrom(value: JsonValue, question: Question): JsonObject | undefined {
  const { item, options } = question
  if (typeof value === 'string') {
    const named = options?.meant(value) ?? codeOf(value, question)
    return (
      named ??
      (item.type === 'open-choice' ? { valueString: value } : optionOf('valueString', value, options))
    )
  }
  if (typeof value === 'number') return optionOf('valueInteger', value, options)
  if (!isJsonObject(value)) return undefined
  if (value.coding === undefined && (value.reference !== undefined || value.resourceType !== undefined)) {
    const reference = referenceFrom(value)?.valueReference
    return reference === undefined ? undefined : optionOf('valueReference', reference, options)
  }
  const codings = value.coding === undefined ? [value] : objectsOf(value.coding)
  for (const coding of codings) {
    if (coding.code === undefined && coding.display === undefined) continue
    const plain = withoutExtensions(coding)
    if (options?.has('valueCoding', plain) !== false) return { valueCoding: plain }
  }
  const text = textOf(value.text)
  return item.type === 'open-choice' && text !== undefined ? { valueString: text } : undefined
}

function optionOf(
  property: string,
  value: JsonValue,
  options: AnswerOptions | undefined,
): JsonObject | undefined {
  return options?.has(property, value) === true ? { [property]: value } : undefined
}

/** A bare code of one of R4's value sets, such as a gender, where that is of one system. */
function codeOf(code: string, { item, definitions }: Question): JsonObject | undefined {
  const set = textOf(item.item.answerValueSet)?.replace(/\|.*$/s, '')
  const codes = set === undefined ? undefined : definitions.codes(set)
  const [system, other] = codes?.systems ?? []
  if (codes === undefined || system === undefined || other !== undefined || !codes.has(system, code))
    return undefined
  return { valueCoding: { system, code } }
}
