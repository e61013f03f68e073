// The options of a question and their weights, from answerOption or a ValueSet that the Questionnaire contains.
import {
  extensionsOf,
  extensionValueOf,
  type Faults,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import { codingOf } from './coding.ts'
import type { AnswerOption, Coding } from './instrument.ts'
import type { QuestionnaireItem } from './items.ts'
import type { OptionMeanings } from './recognise.ts'
import { ANSWER_ALIAS, ITEM_WEIGHT, ORDINAL_VALUE } from './urls.ts'

/** Empty where any value of the type is an answer, or where the options are not told in the Questionnaire. */
export function readOptions(
  { item, element }: QuestionnaireItem,
  questionnaire: Resource,
  faults: Faults,
): readonly OptionMeanings[] {
  const { answerOption, answerValueSet } = item
  const options = Array.isArray(answerOption)
    ? answerOption.flatMap((it, index) => optionOf(it, `${element}.answerOption[${index}]`, faults) ?? [])
    : typeof answerValueSet === 'string' && answerValueSet.startsWith('#')
      ? containedOptions(questionnaire, answerValueSet.slice(1), `${element}.answerValueSet`, faults)
      : []
  refuseRepeats(options, element, faults)
  return options
}

function optionOf(value: JsonValue, element: string, faults: Faults): OptionMeanings | undefined {
  if (!isJsonObject(value)) return undefined
  const property = Object.keys(value).find((it) => /^value[A-Z]/.test(it))
  const held = property === undefined ? undefined : value[property]
  if (property === undefined || held === undefined || held === null) {
    faults.add(element, 'it needs a value[x]', 'required')
    return undefined
  }
  const sibling = value[`_${property}`]
  const within = isJsonObject(held) ? held : isJsonObject(sibling) ? sibling : undefined
  const weights = [
    ...weightsOf(value, element, faults),
    ...(within === undefined ? [] : weightsOf(within, `${element}.${property}`, faults)),
  ]
  const others = extensionsOf(value, element, ANSWER_ALIAS).flatMap((it): Coding[] => {
    const coding = extensionValueOf(it, 'Coding', faults)
    return coding === undefined ? [] : [codingOf(coding.value)]
  })
  const plain = !isJsonObject(held)
    ? held
    : property === 'valueCoding'
      ? codingOf(held)
      : withoutExtension(held)
  return {
    option: { property, value: plain, text: textOf(plain), weight: oneWeight(weights, element, faults) },
    others,
  }
}

/** Concepts that a contained ValueSet lists; none when it says that there are more, or fewer. */
function containedOptions(
  questionnaire: Resource,
  id: string,
  element: string,
  faults: Faults,
): readonly OptionMeanings[] {
  const { contained } = questionnaire
  const index = Array.isArray(contained)
    ? contained.findIndex((it) => isJsonObject(it) && it['resourceType'] === 'ValueSet' && it['id'] === id)
    : -1
  const valueSet = index < 0 ? undefined : (contained as JsonValue[])[index]
  if (!isJsonObject(valueSet)) {
    faults.add(
      element,
      `the Questionnaire contains no ValueSet with the id '${id.slice(0, 64)}'`,
      'not-found',
    )
    return []
  }
  const { compose } = valueSet
  if (!isJsonObject(compose) || !Array.isArray(compose['include']) || compose['exclude'] !== undefined)
    return []
  const options: OptionMeanings[] = []
  for (const [i, include] of compose['include'].entries()) {
    if (!isJsonObject(include)) return []
    const { system, concept, filter, valueSet: imported } = include
    if (!Array.isArray(concept) || filter !== undefined || imported !== undefined) return []
    for (const [j, it] of concept.entries()) {
      if (!isJsonObject(it) || typeof it['code'] !== 'string') return []
      const at = `Questionnaire.contained[${index}].compose.include[${i}].concept[${j}]`
      const value: Coding = {
        ...(typeof system === 'string' ? { system } : {}),
        code: it['code'],
        ...(typeof it['display'] === 'string' ? { display: it['display'] } : {}),
      }
      const weight = oneWeight(weightsOf(it, at, faults), at, faults)
      options.push({ option: { property: 'valueCoding', value, text: textOf(value), weight }, others: [] })
    }
  }
  return options
}

function weightsOf(owner: JsonObject, element: string, faults: Faults): readonly number[] {
  return [ITEM_WEIGHT, ORDINAL_VALUE].flatMap((url) =>
    extensionsOf(owner, element, url).flatMap((it) => extensionValueOf(it, 'decimal', faults)?.value ?? []),
  )
}

function oneWeight(weights: readonly number[], element: string, faults: Faults): number | undefined {
  const [first] = weights
  if (weights.some((it) => it !== first)) faults.add(element, 'it says two different weights', 'conflict')
  return first
}

function withoutExtension(value: JsonObject): JsonObject {
  const { extension: _extension, ...rest } = value
  return rest
}

function textOf(value: JsonValue): string {
  if (!isJsonObject(value)) return String(value)
  const { display, code, reference } = value
  return [display, code, reference].find((it) => typeof it === 'string') ?? ''
}

function refuseRepeats(options: readonly OptionMeanings[], element: string, faults: Faults): void {
  const seen = new Set<string>()
  for (const { option, others } of options) {
    const keys = [keyOf(option), ...others.map((value) => keyOf({ property: 'valueCoding', value }))]
    for (const key of new Set(keys)) {
      if (seen.has(key)) faults.add(element, `two of its answers are the same: ${key}`, 'duplicate')
      seen.add(key)
    }
  }
}

function keyOf({ property, value }: Pick<AnswerOption, 'property' | 'value'>): string {
  if (!isJsonObject(value)) return `${property} ${String(value).slice(0, 100)}`
  const { system, code, display, reference } = value
  return [system ?? '', code ?? reference ?? display ?? ''].join('|').slice(0, 200)
}
