// Which answers an item lists as possible: answerOption, or a ValueSet contained in the Questionnaire
// (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.answerOption).
import type { JsonObject, JsonValue, Resource } from '../../fhir/index.ts'
import { ACCEPTS, ANSWER_ALIAS, ITEM_WEIGHT, ORDINAL_VALUE } from '../assessments/urls.ts'
import { extensionsOf, extensionValue, objectOf, objectsOf, textOf, valueOf } from './elements.ts'
import type { FormItem } from './form.ts'

const EXCLUSIVE = 'http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive'
/** SDC: the options are computed. */
const COMPUTED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-answerExpression'
const WEIGHTS = [ITEM_WEIGHT, ORDINAL_VALUE]

/** Options named in a message. */
const MOST_NAMED = 8
const LONGEST_NAME = 60

export interface AnswerOptions {
  /** The `value[x]` that may stand for an option. */
  readonly properties: ReadonlySet<string>
  /** Whether it is one of the options; undefined where that cannot be told here. */
  has(property: string, value: JsonValue): boolean | undefined
  /** Whether it is one that admits no other answer beside it. */
  isExclusive(property: string, value: JsonValue): boolean
  /** The option that a text is the code or the display of, as an answer has it. */
  meant(text: string): JsonObject | undefined
  /** Some of them, for a message. */
  readonly named: string
}

interface Option {
  readonly property: string
  readonly value: JsonValue
  /** Texts that mean it. */
  readonly texts: readonly string[]
  readonly weights: readonly number[]
  readonly isExclusive: boolean
}

/** undefined where the item lists none. */
export function readOptions({ item }: FormItem, questionnaire: Resource): AnswerOptions | undefined {
  const set = textOf(item.answerValueSet)
  const listed = objectsOf(item.answerOption)
  if (set === undefined && listed.length === 0)
    return extensionsOf(item, COMPUTED).length === 0 ? undefined : UNKNOWN
  if (set !== undefined && !set.startsWith('#')) return UNKNOWN
  const contained = set === undefined ? undefined : containedSet(questionnaire, set.slice(1))
  if (set !== undefined && contained === undefined) return UNKNOWN
  const options = [...listed.flatMap(optionsOf), ...(contained?.options ?? [])]
  return new ListedOptions(options, contained?.systems ?? new Set(), acceptedBy(item, questionnaire))
}

/** Options that are not listed in the Questionnaire itself. */
const UNKNOWN: AnswerOptions = {
  properties: new Set(['valueCoding']),
  has: () => undefined,
  isExclusive: () => false,
  meant: () => undefined,
  named: '',
}

class ListedOptions implements AnswerOptions {
  readonly properties: ReadonlySet<string>
  readonly #keys: ReadonlySet<string>
  readonly #exclusive: ReadonlySet<string>
  readonly #texts: ReadonlySet<string>
  readonly #weights: ReadonlySet<number>
  readonly #systems: ReadonlySet<string>
  readonly #options: readonly Option[]

  constructor(options: readonly Option[], systems: ReadonlySet<string>, accepts: ReadonlySet<string>) {
    const keysOf = (list: readonly Option[]): ReadonlySet<string> =>
      new Set(list.map(({ property, value }) => keyOf(property, value)))
    this.#options = options
    this.#systems = systems
    this.#keys = keysOf(options)
    this.#exclusive = keysOf(options.filter(({ isExclusive }) => isExclusive))
    this.#texts = new Set(accepts.has('text') ? options.flatMap(({ texts }) => texts) : [])
    this.#weights = new Set(accepts.has('number') ? options.flatMap(({ weights }) => weights) : [])
    this.properties = new Set([
      ...options.map(({ property }) => property),
      ...(systems.size > 0 ? ['valueCoding'] : []),
      ...(this.#texts.size > 0 ? ['valueString'] : []),
      ...(this.#weights.size > 0 ? ['valueInteger', 'valueDecimal'] : []),
    ])
  }

  has(property: string, value: JsonValue): boolean {
    if (this.#keys.has(keyOf(property, value))) return true
    if (property === 'valueString') return this.#texts.has(plain(String(value)))
    if (property === 'valueInteger' || property === 'valueDecimal') return this.#weights.has(Number(value))
    return property === 'valueCoding' && this.#systems.has(textOf(objectOf(value)?.system) ?? '')
  }

  isExclusive(property: string, value: JsonValue): boolean {
    return this.#exclusive.size > 0 && this.#exclusive.has(keyOf(property, value))
  }

  meant(text: string): JsonObject | undefined {
    const byCode = this.#options.find(({ value }) => value === text || objectOf(value)?.code === text)
    const option = byCode ?? this.#options.find(({ texts }) => texts.includes(plain(text)))
    return option === undefined ? undefined : { [option.property]: option.value }
  }

  get named(): string {
    const named = this.#options.slice(0, MOST_NAMED).map(nameOf)
    return `${named.join(', ')}${this.#options.length > MOST_NAMED ? ', ...' : ''}`
  }
}

function optionsOf(option: JsonObject): readonly Option[] {
  const found = valueOf(option)
  if (found === undefined) return []
  const [property, value] = found
  const own = objectOf(value)
  const texts = [textOf(own?.display), typeof value === 'string' ? value : undefined]
  const isExclusive = extensionValue(option, EXCLUSIVE) === true
  const shared = {
    texts: texts.filter((text) => text !== undefined).map(plain),
    weights: [...weightsOf(option), ...weightsOf(own)],
    isExclusive,
  }
  const same = extensionsOf(option, ANSWER_ALIAS)
    .map((extension) => objectOf(extension.valueCoding))
    .filter((alias) => alias !== undefined)
  return [
    { property, value, ...shared },
    ...same.map(
      (alias): Option => ({ property: 'valueCoding', value: alias, texts: [], weights: [], isExclusive }),
    ),
  ]
}

/** The codes of a contained ValueSet that lists them, and the systems of which it has all; undefined for others. */
function containedSet(
  questionnaire: Resource,
  id: string,
): { readonly options: readonly Option[]; readonly systems: ReadonlySet<string> } | undefined {
  const set = objectsOf(questionnaire.contained).find((one) => one.id === id)
  if (set?.resourceType !== 'ValueSet') return undefined
  const compose = objectOf(set.compose)
  const expansion = objectOf(set.expansion)
  const systems = new Set<string>()
  if (compose === undefined) {
    const listed = objectsOf(expansion?.contains)
    if (expansion === undefined || listed.some((one) => one.contains !== undefined)) return undefined
    return { options: listed.map((one) => optionOf(textOf(one.system), one)), systems }
  }
  if (compose.exclude !== undefined) return undefined
  const options: Option[] = []
  for (const include of objectsOf(compose.include)) {
    if (include.filter !== undefined || include.valueSet !== undefined) return undefined
    const system = textOf(include.system)
    const concepts = objectsOf(include.concept)
    if (concepts.length === 0 && system !== undefined) systems.add(system)
    for (const concept of concepts) options.push(optionOf(system, concept))
  }
  return { options, systems }
}

function optionOf(system: string | undefined, concept: JsonObject): Option {
  const { code, display } = concept
  return {
    property: 'valueCoding',
    value: { ...(system === undefined ? {} : { system }), code, display },
    texts: typeof display === 'string' ? [plain(display)] : [],
    weights: weightsOf(concept),
    isExclusive: false,
  }
}

/** Beside the options' own values: `number`, `text`. */
function acceptedBy(item: JsonObject, questionnaire: Resource): ReadonlySet<string> {
  const declared = [...extensionsOf(questionnaire, ACCEPTS), ...extensionsOf(item, ACCEPTS)]
  return new Set(declared.map((extension) => String(valueOf(extension)?.[1])))
}

function weightsOf(element: JsonObject | undefined): readonly number[] {
  return WEIGHTS.flatMap((url) => extensionValue(element, url) ?? []).filter(
    (weight) => typeof weight === 'number',
  )
}

/** By which two values are the same answer: displays and versions of codings are of no account. */
function keyOf(property: string, value: JsonValue): string {
  const own = objectOf(value)
  if (own === undefined) return `${property} ${String(value)}`
  if (property !== 'valueCoding') return `${property} ${textOf(own.reference) ?? ''}`
  const code = textOf(own.code)
  return code === undefined
    ? `display ${textOf(own.display) ?? ''}`
    : `${property} ${textOf(own.system) ?? ''}|${code}`
}

function plain(text: string): string {
  return text.trim().toLowerCase()
}

function nameOf({ value }: Option): string {
  const own = objectOf(value)
  const code = textOf(own?.code)
  const display = textOf(own?.display)
  const name = own === undefined ? String(value) : (code ?? display ?? textOf(own.reference) ?? '')
  const whole = code === undefined || display === undefined ? `'${name}'` : `'${code}' (${display})`
  return whole.length <= LONGEST_NAME ? whole : `${whole.slice(0, LONGEST_NAME)}...`
}
