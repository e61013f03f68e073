// Observation-based extraction: each answer to a coded question that asks for it becomes an Observation
// (https://hl7.org/fhir/uv/sdc/extraction.html#observation-based-extraction).
import {
  cloneJson,
  isInstant,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import { referenceTo } from '../assessments/response-source.ts'
import { convertAnswer, typedAnswer, withoutExtensions } from './answer-values.ts'
import { extensionsOf, extensionValue, objectOf, objectsOf, textOf, valueOf } from './elements.ts'
import type { Enablement } from './enablement.ts'
import type { FormExpressions, Values } from './expressions.ts'
import { entryOf, readDetails } from './extracted-entry.ts'
import type { OutputLimit } from './output-limit.ts'
import { isQuestion, type Form, type FormItem, type FormItems } from './form.ts'
import { OBSERVATION_EXTRACT, OBSERVATION_EXTRACT_CATEGORY, OBSERVATION_EXTRACT_ENTRY, UNIT } from './sdc.ts'

const BASED_ON = [
  'CarePlan',
  'DeviceRequest',
  'ImmunizationRecommendation',
  'MedicationRequest',
  'NutritionOrder',
  'ServiceRequest',
]
const PART_OF = [
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationStatement',
  'Procedure',
  'Immunization',
  'ImagingStudy',
]
const PERFORMERS = [
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'CareTeam',
  'Patient',
  'RelatedPerson',
]
const SUBJECTS = ['Patient', 'Group', 'Device', 'Location']
/** Of Observation.value[x], for each type of answer; a Coding is one of a concept. */
const VALUES: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  integer: 'integer',
  decimal: 'Quantity',
  string: 'string',
  uri: 'string',
  date: 'dateTime',
  dateTime: 'dateTime',
  time: 'time',
  Coding: 'CodeableConcept',
  Quantity: 'Quantity',
}

type Relation = 'independent' | 'member' | 'component' | 'derived'
const RELATIONS: readonly Relation[] = ['independent', 'member', 'component', 'derived']

/** What an item hands down to those below it. */
interface Inherited {
  readonly isExtracted: boolean
  readonly isExcluded: boolean
  readonly categories: readonly JsonObject[]
}

/** An Observation in the making; those below add to it. */
interface Made {
  readonly observation: Resource
  readonly fullUrl: string
}

export interface ObservationExtraction {
  readonly form: Form
  readonly response: Resource
  readonly enabled: Enablement
  readonly definitions: Definitions
  readonly expressions: FormExpressions
  readonly values: Values
  readonly newUrn: () => string
  readonly limit: OutputLimit
}

/** Entries of a transaction, parents before what they have as members. */
export function extractObservations(extraction: ObservationExtraction): readonly JsonObject[] {
  return new Extractor(extraction).run()
}

class Extractor {
  readonly #from: ObservationExtraction
  readonly #shared: JsonObject
  readonly #entries: (JsonObject | undefined)[] = []

  constructor(from: ObservationExtraction) {
    this.#from = from
    this.#shared = sharedBy(from.response)
  }

  run(): readonly JsonObject[] {
    const { form, response } = this.#from
    const whole = extensionValue(form.questionnaire, OBSERVATION_EXTRACT)
    this.#level(response, form.items, '', undefined, {
      isExtracted: whole !== undefined && whole !== false,
      isExcluded: false,
      categories: categoriesOf(form.questionnaire) ?? [],
    })
    return this.#entries.filter((entry) => entry !== undefined)
  }

  #level(
    owner: JsonObject,
    expected: FormItems,
    at: string,
    parent: Made | undefined,
    inherited: Inherited,
  ): void {
    for (const [index, element] of objectsOf(owner.item).entries()) {
      const item = expected.get(textOf(element.linkId) ?? '')
      if (item === undefined || this.#from.enabled.of(item, element) === 'not asked') continue
      this.#item(element, item, `${at}item[${index}]`, parent, inherited)
    }
  }

  #item(
    element: JsonObject,
    item: FormItem,
    at: string,
    parent: Made | undefined,
    inherited: Inherited,
  ): void {
    const rule = this.#ruleOf(item, inherited)
    const below = { ...inherited, ...rule.inherited }
    if (!isQuestion(item)) {
      this.#group(element, item, at, parent, rule, below)
      return
    }
    for (const [index, answer] of objectsOf(element.answer).entries()) {
      const made = rule.relation === undefined ? undefined : this.#answer(answer, item, at, parent, rule)
      this.#level(answer, item.children, `${at}.answer[${index}].`, made ?? parent, below)
    }
  }

  /** A panel is there for what is in it. */
  #group(
    element: JsonObject,
    item: FormItem,
    at: string,
    parent: Made | undefined,
    rule: Rule,
    below: Inherited,
  ): void {
    if (rule.relation === undefined) {
      this.#level(element, item.children, `${at}.`, parent, below)
      return
    }
    const start = this.#entries.length
    const made = this.#observation(item, at, rule)
    this.#level(element, item.children, `${at}.`, made, below)
    const { hasMember, component } = made.observation
    if (hasMember === undefined && component === undefined) {
      this.#entries[start] = undefined
      return
    }
    this.#relate(made, parent, rule)
  }

  #answer(
    answer: JsonObject,
    item: FormItem,
    at: string,
    parent: Made | undefined,
    rule: Rule,
  ): Made | undefined {
    const found = valueOf(answer)
    if (found === undefined) return undefined
    const value = this.#valueOf(answer, found[0], item)
    if (value !== undefined) this.#from.limit.spend(value, item.place)
    if (value === undefined) {
      this.#from.expressions.warn(
        `QuestionnaireResponse.${at}`,
        'An Observation can have no value of this type.',
      )
      return undefined
    }
    if (rule.relation === 'component' && parent !== undefined) {
      addTo(parent.observation, 'component', { code: { coding: [...rule.codes] }, ...value })
      return undefined
    }
    const made = this.#observation(item, at, rule)
    Object.assign(made.observation, value)
    this.#relate(made, parent, rule)
    return made
  }

  #observation(item: FormItem, at: string, { codes, categories }: Rule): Made {
    const { newUrn, expressions, response, values, limit } = this.#from
    const [extension] = extensionsOf(item.item, OBSERVATION_EXTRACT_ENTRY)
    const details = readDetails(extension, (text) =>
      expressions.evaluate({ text, place: item.place }, response, at, values),
    )
    const observation: Resource = {
      resourceType: 'Observation',
      ...(details.resourceId === undefined ? {} : { id: details.resourceId }),
      status: 'final',
      ...(categories.length === 0 ? {} : { category: [...categories] }),
      code: { coding: [...codes] },
      ...cloneJson(this.#shared),
    }
    limit.spend(observation, item.place)
    const entry = entryOf(observation, details, newUrn())
    this.#entries.push(entry)
    return { observation, fullUrl: String(entry.fullUrl) }
  }

  #relate({ observation, fullUrl }: Made, parent: Made | undefined, { relation }: Rule): void {
    if (parent === undefined) return
    if (relation === 'member' || relation === 'component')
      addTo(parent.observation, 'hasMember', { reference: fullUrl })
    if (relation === 'derived') addTo(observation, 'derivedFrom', { reference: parent.fullUrl })
  }

  #valueOf(answer: JsonObject, property: string, { item }: FormItem): JsonObject | undefined {
    const typed = typedAnswer(answer, property, this.#from.definitions)
    const unit = objectOf(extensionValue(item, UNIT))
    if (typed === undefined) return undefined
    const target = unit !== undefined && typeof typed.value === 'number' ? 'Quantity' : VALUES[typed.type]
    if (target === undefined) return undefined
    const value = convertAnswer(typed, target, unit)
    return value === undefined
      ? undefined
      : { [`value${target.charAt(0).toUpperCase()}${target.slice(1)}`]: value }
  }

  #ruleOf({ item, place }: FormItem, inherited: Inherited): Rule {
    const categories = categoriesOf(item) ?? inherited.categories
    const own = extensionValue(item, OBSERVATION_EXTRACT)
    if (inherited.isExcluded || own === false)
      return { relation: undefined, codes: [], categories, inherited: { isExcluded: true } }
    const codes = objectsOf(item.code)
    const tagged = codes.filter((code) => isYes(extensionValue(code, OBSERVATION_EXTRACT)))
    const asked = own ?? extensionValue(tagged[0], OBSERVATION_EXTRACT) ?? inherited.isExtracted
    const isExtracted = inherited.isExtracted || isYes(own)
    const relation = isYes(asked) && codes.length > 0 ? relationOf(asked) : undefined
    if (isYes(asked) && typeof asked === 'string' && relation === undefined && codes.length > 0)
      this.#from.expressions.warn(place, `observationExtract is true, false, ${RELATIONS.join(', ')}.`)
    return {
      relation,
      codes: (tagged.length > 0 ? tagged : codes).map(withoutExtensions),
      categories,
      inherited: { isExtracted, categories },
    }
  }
}

interface Rule {
  /** undefined: nothing is made of the item. */
  readonly relation: Relation | undefined
  readonly codes: readonly JsonObject[]
  readonly categories: readonly JsonObject[]
  readonly inherited: Partial<Inherited>
}

function isYes(value: JsonValue | undefined): boolean {
  return value === true || (typeof value === 'string' && value !== '')
}

function relationOf(value: JsonValue): Relation | undefined {
  return value === true ? 'independent' : RELATIONS.find((relation) => relation === value)
}

/** undefined where the element says nothing of them. */
function categoriesOf(element: JsonObject): readonly JsonObject[] | undefined {
  const values = extensionsOf(element, OBSERVATION_EXTRACT_CATEGORY)
    .map((one) => objectOf(one.valueCodeableConcept))
    .filter((one) => one !== undefined)
  return values.length === 0 ? undefined : values
}

function addTo(observation: Resource, property: string, value: JsonObject): void {
  const list = observation[property]
  if (Array.isArray(list)) list.push(value)
  else observation[property] = [value]
}

/** Of every Observation: of whom, when, where and by whom the response is. */
function sharedBy(response: Resource): JsonObject {
  const listOf = (value: JsonValue | undefined, types: readonly string[]): JsonObject[] =>
    objectsOf(value)
      .map((one) => referenceTo(one, types))
      .filter((one) => one !== undefined)
  const basedOn = listOf(response.basedOn, BASED_ON)
  const partOf = listOf(response.partOf, PART_OF)
  const subject = referenceTo(response.subject, SUBJECTS)
  const encounter = referenceTo(response.encounter, ['Encounter'])
  const performer = referenceTo(response.author, PERFORMERS)
  const authored = textOf(response.authored)
  const id = textOf(response.id)
  return {
    ...(basedOn.length === 0 ? {} : { basedOn }),
    ...(partOf.length === 0 ? {} : { partOf }),
    ...(subject === undefined ? {} : { subject }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(authored === undefined ? {} : { effectiveDateTime: authored }),
    ...(authored !== undefined && isInstant(authored) ? { issued: authored } : {}),
    ...(performer === undefined ? {} : { performer: [performer] }),
    ...(id === undefined ? {} : { derivedFrom: [{ reference: `QuestionnaireResponse/${id}` }] }),
  }
}
