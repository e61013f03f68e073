// Which resources an element of a Questionnaire asks to be extracted: SDC's definitionExtract, and itemExtractionContext,
// which it took the place of.
import type { Definitions, JsonObject } from '../../fhir/index.ts'
import { extensionsOf, objectOf, textOf, valueOf } from './elements.ts'
import type { Form } from './form.ts'
import { readProfileValues, type ProfileValues } from './profile-values.ts'
import { DEFINITION_EXTRACT, ITEM_EXTRACTION_CONTEXT } from './sdc.ts'
import { selectBy, type FormTools, type Standpoint } from './variables.ts'

const CORE_DEFINITION = /^http:\/\/hl7\.org\/fhir\/(?:StructureDefinition\/)?([A-Z][A-Za-z]*)$/

export interface ExtractionTarget {
  /** Type of resource. */
  readonly type: string
  /** Its profile, when that is not R4's own definition of the type. */
  readonly profile: string | undefined
  /** What the profile has of it, as far as that is known here. */
  readonly profileValues: ProfileValues | undefined
  /** That asks for it. */
  readonly extension: JsonObject
  /** FHIRPath of the element that asks for it. */
  readonly place: string
  /** The id of the resource that is to be updated, where there is one only. */
  readonly onlyId: string | undefined
  /** Whether `canonical#id` is an element of it. */
  isMeantBy(canonical: string, id: string): boolean
}

interface Profiled {
  readonly type: string | undefined
  readonly values: ProfileValues | undefined
}

export class ExtractionTargets {
  readonly #form: Form
  readonly #definitions: Definitions
  readonly #tools: FormTools
  readonly #profiled = new Map<string, Profiled>()

  constructor(form: Form, definitions: Definitions, tools: FormTools) {
    this.#form = form
    this.#definitions = definitions
    this.#tools = tools
  }

  /** `repeats`: whether there are several of the owner, so that what is found cannot be meant by each. */
  async of(
    owner: JsonObject,
    place: string,
    from: Standpoint,
    repeats: boolean,
  ): Promise<readonly ExtractionTarget[]> {
    const targets: ExtractionTarget[] = []
    for (const extension of extensionsOf(owner, DEFINITION_EXTRACT)) {
      const target = await this.#byDefinition(extension, place)
      if (target !== undefined) targets.push(target)
    }
    for (const extension of extensionsOf(owner, ITEM_EXTRACTION_CONTEXT)) {
      const target = await this.#byContext(extension, place, from, repeats)
      if (target !== undefined) targets.push(target)
    }
    return targets
  }

  async #byDefinition(extension: JsonObject, place: string): Promise<ExtractionTarget | undefined> {
    const named = textOf(extensionsOf(extension, 'definition')[0]?.valueCanonical)
    const canonical = named?.replace(/\|.*$/s, '')
    const core = this.#coreType(canonical)
    const profiled =
      core === undefined && canonical !== undefined ? await this.#profile(canonical) : undefined
    const type = core ?? profiled?.type
    if (canonical === undefined || type === undefined) {
      this.#tools.expressions.warn(
        place,
        'The definition of a definitionExtract is that of no type of resource known here.',
      )
      return undefined
    }
    return {
      type,
      profile: core === undefined ? named : undefined,
      profileValues: profiled?.values,
      extension,
      place,
      onlyId: undefined,
      isMeantBy: (other) => other === canonical || (core !== undefined && this.#coreType(other) === core),
    }
  }

  async #byContext(
    extension: JsonObject,
    place: string,
    from: Standpoint,
    repeats: boolean,
  ): Promise<ExtractionTarget | undefined> {
    const value = valueOf(extension)?.[1]
    const expression = objectOf(value)
    const found = expression === undefined ? [] : await selectBy(expression, place, from, this.#tools)
    const resources = found
      .map((one) => objectOf(one))
      .filter((one) => textOf(one?.resourceType) !== undefined)
    const queried = /^\/?([A-Z][A-Za-z]*)\?/.exec(textOf(expression?.expression) ?? '')?.[1]
    const type = textOf(value) ?? queried ?? textOf(resources[0]?.resourceType)
    if (type === undefined || !this.#definitions.isResourceType(type)) {
      this.#tools.expressions.warn(
        place,
        'An itemExtractionContext names a type of resource, or selects resources.',
      )
      return undefined
    }
    return {
      type,
      profile: undefined,
      profileValues: undefined,
      extension: {},
      place,
      onlyId: repeats || resources.length !== 1 ? undefined : textOf(resources[0]?.id),
      isMeantBy: (_, id) => id === type || id.startsWith(`${type}.`),
    }
  }

  #coreType(canonical: string | undefined): string | undefined {
    const type = CORE_DEFINITION.exec(canonical ?? '')?.[1]
    return type !== undefined && this.#definitions.isResourceType(type) ? type : undefined
  }

  /** As the caller can see it; else its type is that of the first element of it that the form fills in. */
  async #profile(canonical: string): Promise<Profiled> {
    const known = this.#profiled.get(canonical)
    if (known !== undefined) return known
    const query = `StructureDefinition?url=${encodeURIComponent(canonical)}`
    const [profile] = await this.#tools.reader.find(query)
    const type = textOf(profile?.type) ?? this.#typeFilledIn(canonical)
    const made = {
      type: type !== undefined && this.#definitions.isResourceType(type) ? type : undefined,
      values: profile === undefined ? undefined : readProfileValues(profile),
    }
    this.#profiled.set(canonical, made)
    return made
  }

  #typeFilledIn(canonical: string): string | undefined {
    for (const { item } of this.#form.byLinkId.values()) {
      const definition = textOf(item.definition)
      if (definition?.startsWith(`${canonical}#`) === true)
        return definition.slice(canonical.length + 1).split(/[.:]/)[0]
    }
    return undefined
  }
}
