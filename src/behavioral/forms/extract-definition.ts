// Definition-based extraction: answers go where their item's definition says, into resources that are made or updated
// (https://hl7.org/fhir/uv/sdc/extraction.html#definition-based-extraction).
import {
  isJsonObject,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import { breathe } from '../../repository/index.ts'
import { VARIABLE } from '../assessments/urls.ts'
import { typedAnswer } from './answer-values.ts'
import { ElementWriter, type ElementScope, type NewValue } from './element-writer.ts'
import { extensionsOf, extensionValue, objectOf, objectsOf, textOf, valueOf } from './elements.ts'
import type { Enablement } from './enablement.ts'
import { entryOf, readDetails, type EntryDetails } from './extracted-entry.ts'
import { ExtractionTargets, type ExtractionTarget } from './extraction-targets.ts'
import { isQuestion, type Form, type FormItem, type FormItems } from './form.ts'
import type { OutputLimit } from './output-limit.ts'
import { addProfileValues } from './profile-values.ts'
import { DEFINITION_EXTRACT_VALUE, EXTRACT_ALLOCATE_ID, UNIT } from './sdc.ts'
import { updated } from './updated-resource.ts'
import { isVariableName, withVariables, type FormTools, type Standpoint } from './variables.ts'

export interface DefinitionExtraction {
  readonly form: Form
  readonly response: Resource
  readonly enabled: Enablement
  readonly definitions: Definitions
  readonly tools: FormTools
  readonly values: Standpoint['values']
  readonly newUrn: () => string
  readonly limit: OutputLimit
}

/** A resource in the making, and the part of it that the items at hand fill in. */
interface Making {
  readonly target: ExtractionTarget
  readonly scope: ElementScope
}

/** Where the walk stands: the innermost resource comes last. */
interface Place extends Standpoint {
  readonly makings: readonly Making[]
}

/**
 * Entries of a transaction, in the order of the form.
 * @throws FhirError `too-costly`
 */
export async function extractByDefinition(extraction: DefinitionExtraction): Promise<readonly JsonObject[]> {
  return new Extractor(extraction).run()
}

class Extractor {
  readonly #from: DefinitionExtraction
  readonly #writer: ElementWriter
  readonly #targets: ExtractionTargets
  /** undefined: nothing came of it, or not yet. */
  readonly #entries: (JsonObject | undefined)[] = []

  constructor(from: DefinitionExtraction) {
    this.#from = from
    this.#writer = new ElementWriter(from.definitions, from.limit)
    this.#targets = new ExtractionTargets(from.form, from.definitions, from.tools)
  }

  async run(): Promise<readonly JsonObject[]> {
    const { form, response, values } = this.#from
    const start: Place = { resource: response, at: '', values, makings: [] }
    await this.#within(undefined, start, async (place) => {
      await this.#level(response, form.items, '', place)
    })
    return this.#entries.filter((entry) => entry !== undefined)
  }

  async #level(owner: JsonObject, expected: FormItems, prefix: string, place: Place): Promise<void> {
    for (const [index, element] of objectsOf(owner.item).entries()) {
      await breathe(index)
      const item = expected.get(textOf(element.linkId) ?? '')
      if (item === undefined || this.#from.enabled.of(item, element) === 'not asked') continue
      const at = `${prefix}item[${index}]`
      if (isQuestion(item)) await this.#question(element, item, { ...place, at })
      else if (hasContent(element)) await this.#group(element, item, { ...place, at })
    }
  }

  #group(element: JsonObject, item: FormItem, place: Place): Promise<void> {
    const makings = item.repeats ? this.#parts(place.makings) : place.makings
    return this.#within(item, { ...place, makings }, (inner) =>
      this.#level(element, item.children, `${place.at}.`, inner),
    )
  }

  async #question(element: JsonObject, item: FormItem, place: Place): Promise<void> {
    for (const [index, answer] of objectsOf(element.answer).entries()) {
      const at = `${place.at}.answer[${index}]`
      const makings = index === 0 ? place.makings : this.#again(item, place.makings)
      await this.#within(item, { ...place, at, makings }, async (inner) => {
        this.#answer(answer, item, inner)
        await this.#level(answer, item.children, `${at}.`, inner)
      })
    }
  }

  /** The resources that an item, or the Questionnaire, asks for are made around what is done within it. */
  async #within(
    item: FormItem | undefined,
    place: Place,
    work: (place: Place) => Promise<void>,
  ): Promise<void> {
    const owner = item?.item ?? this.#from.form.questionnaire
    const ownerPlace = item?.place ?? 'Questionnaire'
    if (owner.extension === undefined) {
      await work(this.#opened(item, place))
      return
    }
    const from = await this.#named(owner, ownerPlace, place)
    const begun = await this.#targets.of(owner, ownerPlace, from, item?.repeats ?? false)
    const first = this.#entries.length
    for (const _ of begun) this.#entries.push(undefined)
    const made = begun.map((target) => ({ target, scope: this.#writer.resource(target.type) }))
    const inner = this.#opened(item, { ...from, makings: [...from.makings, ...made] })
    this.#fixedValues(owner, ownerPlace, inner)
    await work(inner)
    for (const [index, making] of made.entries())
      this.#entries[first + index] = await this.#finish(making, from)
  }

  async #named(owner: JsonObject, ownerPlace: string, place: Place): Promise<Place> {
    const allocated = this.#allocate(owner, place)
    if (extensionsOf(owner, VARIABLE).length === 0) return allocated
    return { ...allocated, values: await withVariables(owner, ownerPlace, allocated, this.#from.tools) }
  }

  /** Names for resources that are only being made, so that they can refer to one another. */
  #allocate(owner: JsonObject, place: Place): Place {
    const names = extensionsOf(owner, EXTRACT_ALLOCATE_ID).map((one) => textOf(one.valueString))
    if (names.length === 0) return place
    const values: Record<string, JsonValue> = { ...place.values }
    for (const name of names) if (isVariableName(name)) values[name] = this.#from.newUrn()
    return { ...place, values }
  }

  #parts(makings: readonly Making[]): readonly Making[] {
    return makings.map(({ target, scope }) => ({ target, scope: this.#writer.part(scope) }))
  }

  /** Another answer is another repetition of what its first answer has filled in. */
  #again(item: FormItem, makings: readonly Making[]): readonly Making[] {
    const found = this.#meant(textOf(item.item.definition), makings)
    if (found === undefined || !this.#writer.isTaken(found.making.scope, found.id)) return makings
    const scope = this.#writer.again(found.making.scope, found.id)
    return makings.map((one) => (one === found.making ? { ...one, scope } : one))
  }

  /** A group that is an element: those within it fill in one repetition of it. */
  #opened(item: FormItem | undefined, place: Place): Place {
    if (item === undefined || isQuestion(item)) return place
    const found = this.#meant(textOf(item.item.definition), place.makings)
    if (found === undefined || found.id === found.making.scope.id) return place
    const { making, id } = found
    const scope = this.#writer.open(making.scope, id)
    if (typeof scope !== 'string')
      return { ...place, makings: place.makings.map((one) => (one === making ? { ...one, scope } : one)) }
    this.#from.tools.expressions.warn(`${item.place}.definition`, scope)
    return place
  }

  #answer(answer: JsonObject, { item, place }: FormItem, { makings }: Place): void {
    const found = this.#meant(textOf(item.definition), makings)
    const property = valueOf(answer)?.[0]
    const typed = property === undefined ? undefined : typedAnswer(answer, property, this.#from.definitions)
    if (found === undefined || typed === undefined) return
    const unit = objectOf(extensionValue(item, UNIT))
    this.#put(found.making.scope, found.id, { kind: 'answer', answer: typed, unit }, `${place}.definition`)
  }

  #fixedValues(owner: JsonObject, ownerPlace: string, place: Place): void {
    const { definitions, tools } = this.#from
    for (const extension of extensionsOf(owner, DEFINITION_EXTRACT_VALUE)) {
      const found = this.#meant(textOf(extensionsOf(extension, 'definition')[0]?.valueUri), place.makings)
      if (found === undefined) {
        tools.expressions.warn(
          ownerPlace,
          'A definitionExtractValue is about no resource that is extracted here.',
        )
        continue
      }
      const [fixed] = extensionsOf(extension, 'fixed-value')
      const property = fixed === undefined ? undefined : valueOf(fixed)?.[0]
      if (fixed !== undefined && property !== undefined) {
        const answer = typedAnswer(fixed, property, definitions)
        if (answer !== undefined)
          this.#put(found.making.scope, found.id, { kind: 'answer', answer, unit: undefined }, ownerPlace)
      }
      const expression = objectOf(extensionsOf(extension, 'expression')[0]?.valueExpression)
      const written = tools.expressions.written(expression, ownerPlace)
      if (written === undefined) continue
      for (const value of tools.expressions.evaluate(written, place.resource, place.at, place.values))
        this.#put(found.making.scope, found.id, { kind: 'computed', value }, ownerPlace)
    }
  }

  #put(scope: ElementScope, id: string, value: NewValue, place: string): void {
    const refusal = this.#writer.put(scope, id, value)
    if (refusal !== undefined) this.#from.tools.expressions.warn(place, refusal)
  }

  /** Whose element `canonical#id` is; the innermost of several. */
  #meant(
    definition: string | undefined,
    makings: readonly Making[],
  ): { readonly making: Making; readonly id: string } | undefined {
    if (definition === undefined) return undefined
    // Without a canonical, as older forms have it, it is an element of a type of resource.
    const hash = definition.indexOf('#')
    const canonical = definition.slice(0, Math.max(hash, 0)).replace(/\|.*$/s, '')
    const id = definition.slice(hash + 1)
    const making = makings.findLast(({ target }) => target.isMeantBy(canonical, id))
    return making === undefined ? undefined : { making, id }
  }

  async #finish({ target, scope }: Making, place: Place): Promise<JsonObject | undefined> {
    const { tools, newUrn, definitions } = this.#from
    const made = scope.object as Resource
    const details = readDetails(target.extension, (text) =>
      tools.expressions.evaluate({ text, place: target.place }, place.resource, place.at, place.values),
    )
    if (Object.keys(made).length === 1) {
      tools.expressions.warn(target.place, `No ${target.type} is extracted, for nothing of one is answered.`)
      return undefined
    }
    if (target.profileValues !== undefined) addProfileValues(target.profileValues, scope.made)
    const id = textOf(made.id) ?? target.onlyId
    const current = id === undefined ? undefined : await tools.reader.read(`${target.type}/${id}`)
    const whole = current === undefined ? made : updated(current.resource, made, definitions)
    const ifMatch = current === undefined ? undefined : `W/"${current.versionId}"`
    return entryOf(withProfile(whole, target.profile), { ...ifMatching(ifMatch), ...details }, newUrn())
  }
}

function ifMatching(ifMatch: string | undefined): EntryDetails {
  return ifMatch === undefined ? {} : { ifMatch }
}

function withProfile(resource: Resource, profile: string | undefined): Resource {
  if (profile === undefined) return resource
  const meta = isJsonObject(resource.meta) ? resource.meta : {}
  const profiles = Array.isArray(meta.profile) ? meta.profile : []
  if (profiles.includes(profile)) return resource
  const { resourceType, id, ...others } = resource
  return {
    resourceType,
    ...(id === undefined ? {} : { id }),
    ...others,
    meta: { ...meta, profile: [...profiles, profile] },
  }
}

/** Whether anything is answered in a group. */
function hasContent(element: JsonObject): boolean {
  return objectsOf(element.item).some(
    (item) => objectsOf(item.answer).some((answer) => valueOf(answer) !== undefined) || hasContent(item),
  )
}
