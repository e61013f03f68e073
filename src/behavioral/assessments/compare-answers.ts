// Compares an answer with the one that a rule names (https://hl7.org/fhir/R4/valueset-questionnaire-enable-operator.html).
import { isJsonObject, type JsonValue, parseDateRange } from '../../fhir/index.ts'

export interface ComparableAnswer {
  /** What follows `value` or `answer` in the element's name: `Coding`, `Integer`, `DateTime`. */
  readonly type: string
  readonly value: JsonValue
}

/**
 * Negative, 0 or positive as the answer is less than, equal to or greater than the wanted one; undefined when neither
 * can be said: other types, other units, codings that differ, dates of which one lies within the other.
 */
export function compareAnswers(answer: ComparableAnswer, wanted: ComparableAnswer): number | undefined {
  const [a, b] = [answer.value, wanted.value]
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'boolean' && typeof b === 'boolean') return a === b ? 0 : undefined
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(answer.type, a, wanted.type, b)
  if (!isJsonObject(a) || !isJsonObject(b) || answer.type !== wanted.type) return undefined
  switch (wanted.type) {
    case 'Coding':
      return isSameCoding(a, b) ? 0 : undefined
    case 'Quantity':
      return isSameUnit(a, b) && typeof a['value'] === 'number' && typeof b['value'] === 'number'
        ? a['value'] - b['value']
        : undefined
    case 'Reference':
      return typeof b['reference'] === 'string' && a['reference'] === b['reference'] ? 0 : undefined
    default:
      return undefined
  }
}

const DATES: ReadonlySet<string> = new Set(['Date', 'DateTime'])

function compareTexts(type: string, a: string, wantedType: string, b: string): number | undefined {
  if (DATES.has(type) && DATES.has(wantedType)) return compareDates(a, b)
  if ((type === 'Time') !== (wantedType === 'Time')) return undefined
  if (a === b) return 0
  return a < b ? -1 : 1
}

function compareDates(a: string, b: string): number | undefined {
  if (a === b) return 0
  const [left, right] = [parseDateRange(a), parseDateRange(b)]
  if (left === undefined || right === undefined) return undefined
  if (left.high <= right.low) return -1
  if (right.high <= left.low) return 1
  return left.low === right.low && left.high === right.high ? 0 : undefined
}

/** A system that only one of them names does not set them apart; without codes, their displays are compared. */
function isSameCoding(a: { [key: string]: JsonValue | undefined }, b: typeof a): boolean {
  if (b['code'] === undefined) return b['display'] !== undefined && a['display'] === b['display']
  if (a['code'] !== b['code']) return false
  return a['system'] === b['system'] || a['system'] === undefined || b['system'] === undefined
}

/** By code where both have one, else by what people read. */
function isSameUnit(a: { [key: string]: JsonValue | undefined }, b: typeof a): boolean {
  if (a['code'] !== undefined && b['code'] !== undefined)
    return a['code'] === b['code'] && a['system'] === b['system']
  return a['unit'] === b['unit']
}
