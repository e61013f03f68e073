// Which of a question's options an answer means: by coding, by text, by number, as the Questionnaire allows.
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/index.ts'
import { type Coding, codingOf } from './coding.ts'
import type { AnswerOption, AnswerValue, GivenValue } from './instrument.ts'
import { ITEM_WEIGHT } from './urls.ts'

/** An option, and the other codings that mean it. */
export interface OptionMeanings {
  readonly option: AnswerOption
  readonly others: readonly Coding[]
}

export interface Acceptance {
  /** A plain number that equals the weight of one option means that option. */
  readonly number: boolean
  /** A string that equals the display of one option means that option. */
  readonly text: boolean
}

/** The elements that hold an answer to a question of a type, where there are no options. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  boolean: ['valueBoolean'],
  decimal: ['valueDecimal', 'valueInteger'],
  integer: ['valueInteger'],
  date: ['valueDate'],
  dateTime: ['valueDateTime'],
  time: ['valueTime'],
  string: ['valueString'],
  text: ['valueString'],
  url: ['valueUri'],
  choice: ['valueCoding'],
  'open-choice': ['valueCoding', 'valueString'],
  attachment: ['valueAttachment'],
  reference: ['valueReference'],
  quantity: ['valueQuantity'],
}

/** Says for a question of this type what an answer stands for; without options any value of the type does. */
export function recogniser(
  type: string,
  options: readonly OptionMeanings[],
  accepts: Acceptance,
): (answer: GivenValue) => AnswerValue | undefined {
  if (options.length === 0) return (given) => freeValue(type, given)
  const byCode = new Index()
  const byText = new Index()
  const byNumber = new Index()
  const byValue = new Index()
  for (const { option, others } of options) {
    const value: AnswerValue = {
      property: option.property,
      value: option.value,
      option,
      answer: answerOf(option),
    }
    const codings =
      isJsonObject(option.value) && option.property === 'valueCoding' ? [codingOf(option.value)] : []
    for (const coding of [...codings, ...others]) {
      if (coding.code !== undefined) {
        byCode.add(`${coding.system ?? ''}|${coding.code}`, value)
        byCode.add(`|${coding.code}`, value)
      }
      if (coding.display !== undefined) byText.add(folded(coding.display), value)
    }
    byText.add(folded(option.text), value)
    if (option.weight !== undefined) byNumber.add(String(option.weight), value)
    if (codings.length === 0) byValue.add(valueKey(option.property, option.value), value)
  }
  return (given) => {
    const { property, value } = given
    if (property === 'valueCoding' && isJsonObject(value)) {
      const { system, code, display } = value as Coding
      if (typeof code === 'string') return byCode.get(`${typeof system === 'string' ? system : ''}|${code}`)
      return accepts.text && typeof display === 'string' ? byText.get(folded(display)) : undefined
    }
    const exact = byValue.get(valueKey(property, value))
    if (exact !== undefined) return exact
    if (typeof value === 'number') return accepts.number ? byNumber.get(String(value)) : undefined
    if (property !== 'valueString' || typeof value !== 'string') return undefined
    const named = accepts.text ? byText.get(folded(value)) : undefined
    return named ?? (type === 'open-choice' ? freeValue(type, given) : undefined)
  }
}

/** What keys mean, when they mean one thing alone. */
class Index {
  private readonly values = new Map<string, AnswerValue | undefined>()

  add(key: string, value: AnswerValue): void {
    const known = this.values.get(key)
    if (!this.values.has(key)) this.values.set(key, value)
    else if (known !== value) this.values.set(key, undefined)
  }

  get(key: string): AnswerValue | undefined {
    return this.values.get(key)
  }
}

function freeValue(type: string, { property, value }: GivenValue): AnswerValue | undefined {
  const [own, ...others] = VALUES[type] ?? []
  if (own === undefined || (property !== own && !others.includes(property))) return undefined
  const as = type === 'decimal' ? own : property
  const plain = isJsonObject(value) ? withoutExtensions(value) : value
  return { property: as, value: plain, option: undefined, answer: { [as]: plain } }
}

/** A weight that came with the answer is nobody's word. */
function withoutExtensions(value: JsonObject): JsonObject {
  if (value['extension'] === undefined) return value
  const { extension: _extension, ...rest } = value
  return rest
}

function answerOf({ property, value, weight }: AnswerOption): JsonObject {
  if (weight === undefined) return { [property]: value }
  const extension = [{ url: ITEM_WEIGHT, valueDecimal: weight }]
  return isJsonObject(value)
    ? { [property]: { ...value, extension } }
    : { [property]: value, [`_${property}`]: { extension } }
}

function valueKey(property: string, value: JsonValue): string {
  const told = isJsonObject(value) ? (value['reference'] ?? null) : value
  return `${property} ${JSON.stringify(told)}`
}

function folded(text: string): string {
  return text.trim().toLowerCase().normalize('NFC')
}
