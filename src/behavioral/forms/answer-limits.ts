// How long, large, small or exact an answer may be: maxLength, and the extensions minLength, minValue, maxValue,
// maxDecimalPlaces and SDC's minQuantity and maxQuantity (https://hl7.org/fhir/R4/questionnaire-profiles.html).
import { decimalText, parseDateRange, type JsonObject, type JsonValue } from '../../fhir/index.ts'
import { extensionsOf, extensionValue, objectOf, valueOf } from './elements.ts'
import type { FormItem } from './form.ts'

const CORE = 'http://hl7.org/fhir/StructureDefinition'
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition'
const LEAST = [`${CORE}/minValue`, `${SDC}/sdc-questionnaire-minQuantity`]
const MOST = [`${CORE}/maxValue`, `${SDC}/sdc-questionnaire-maxQuantity`]

/** What is wrong with an answer of the item's own type, each as a sentence that says what would be right. */
export function limitFaults(
  { item }: FormItem,
  answer: JsonObject,
  property: string,
  value: JsonValue,
): readonly string[] {
  if (item.maxLength === undefined && item.extension === undefined) return []
  return [...lengthFaults(item, value), ...rangeFaults(item, value), ...placesFaults(item, answer, property)]
}

function lengthFaults(item: JsonObject, value: JsonValue): readonly string[] {
  if (typeof value !== 'string') return []
  const faults: string[] = []
  // Characters outside the first plane are two units each, so that only so long a text has to be counted.
  const { maxLength } = item
  if (typeof maxLength === 'number' && value.length > maxLength && lengthOf(value) > maxLength)
    faults.push(`The answer is ${lengthOf(value)} characters long; at most ${maxLength} are allowed.`)
  const minLength = extensionValue(item, `${CORE}/minLength`)
  if (typeof minLength === 'number' && lengthOf(value) < minLength)
    faults.push(`The answer is ${lengthOf(value)} characters long; at least ${minLength} are needed.`)
  return faults
}

function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length += 1
  return length
}

function rangeFaults(item: JsonObject, value: JsonValue): readonly string[] {
  const faults: string[] = []
  for (const bound of boundsOf(item, LEAST))
    if (comparison(value, bound) === -1) faults.push(`The answer is below ${told(bound)}, the least allowed.`)
  for (const bound of boundsOf(item, MOST))
    if (comparison(value, bound) === 1) faults.push(`The answer is above ${told(bound)}, the most allowed.`)
  return faults
}

function boundsOf(item: JsonObject, urls: readonly string[]): readonly JsonValue[] {
  return urls
    .flatMap((url) => extensionsOf(item, url))
    .flatMap((extension) => {
      const found = valueOf(extension)
      return found === undefined ? [] : [found[1]]
    })
}

/** -1 when wholly below, 1 when wholly above; 0 for what is neither or cannot be compared. */
function comparison(value: JsonValue, bound: JsonValue): -1 | 0 | 1 {
  if (typeof value === 'number' && typeof bound === 'number') return sign(value - bound)
  if (typeof value === 'string' && typeof bound === 'string') return compareTimes(value, bound)
  const [own, limit] = [objectOf(value), objectOf(bound)]
  if (own === undefined || limit === undefined || unitOf(own) !== unitOf(limit)) return 0
  return typeof own.value === 'number' && typeof limit.value === 'number' ? sign(own.value - limit.value) : 0
}

function sign(difference: number): -1 | 0 | 1 {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0
}

function compareTimes(value: string, bound: string): -1 | 0 | 1 {
  if (/^\d\d:/.test(value)) return value < bound ? -1 : value > bound ? 1 : 0
  const [own, limit] = [parseDateRange(value), parseDateRange(bound)]
  if (own === undefined || limit === undefined) return 0
  if (own.high <= limit.low) return -1
  return own.low >= limit.high ? 1 : 0
}

function unitOf({ system, code, unit }: JsonObject): string {
  return code === undefined ? String(unit) : `${String(system)}|${String(code)}`
}

function placesFaults(item: JsonObject, answer: JsonObject, property: string): readonly string[] {
  const most = extensionValue(item, `${CORE}/maxDecimalPlaces`)
  if (typeof most !== 'number') return []
  const holder = property === 'valueQuantity' ? objectOf(answer[property]) : answer
  const key = property === 'valueQuantity' ? 'value' : property
  const number = holder?.[key]
  if (holder === undefined || typeof number !== 'number') return []
  const places = placesOf(decimalText(holder, key) ?? String(number))
  return places > most ? [`The answer has ${places} decimal places; at most ${most} are allowed.`] : []
}

/** Of a JSON number: `1.50` has two, `1e-3` three. */
function placesOf(text: string): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  return Math.max(0, fraction.length - Number(exponent))
}

function told(bound: JsonValue): string {
  const quantity = objectOf(bound)
  if (quantity === undefined) return String(bound)
  return [quantity.value, quantity.unit ?? quantity.code].filter((part) => part !== undefined).join(' ')
}
