// What a resource's own content makes sensitive: every code, identifier and name of an ingredient in it, by the rules.
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { SecurityLabel } from '../../store/index.ts'
import { clinicalSpan, type Span } from './clinical-span.ts'
import { NDC, RXNORM, systemKey } from './code-systems.ts'
import { elementPath, type Step } from './element-path.ts'
import { isAboutSomebody, type LabelRules } from './label-rules.ts'
import type { Match } from './rule-table.ts'

/** One label, and what of the resource brought it. */
export interface Finding {
  readonly label: SecurityLabel
  /** The rule's name. */
  readonly rule: string
  /** FHIRPath of the Coding or Identifier, of the text that names an ingredient, or of the resource itself. */
  readonly path: string
  /** As it stands there, an identifier's value for its code; undefined where no code was looked at. */
  readonly coding: { readonly system: string; readonly code: string } | undefined
  /** The ingredient that was named, as the rule has it. */
  readonly ingredient?: string
}

/** Resources that hold others without telling anything of anybody themselves. */
const ENVELOPES: ReadonlySet<string> = new Set(['Bundle', 'Parameters'])

/** Code systems of medications, whose displays name ingredients wherever they stand. */
const DRUG_SYSTEMS: ReadonlySet<string> = new Set([RXNORM, NDC].map(systemKey))

/**
 * What the rules find in the resource, in document order; nothing for most.
 * @param as the type whose rules count, when the resource is looked at on behalf of another: a Questionnaire for the
 * responses to it
 */
export function ownLabels(
  rules: LabelRules,
  resource: Resource,
  as = resource.resourceType,
): readonly Finding[] {
  if (!isAboutSomebody(as) && !rules.namesType(as)) return []
  return new Walk(rules).findings(resource, as)
}

/** The labels alone of what `ownLabels` finds, in the same order; one that was found twice may stand there twice. */
export function ownLabelsAlone(rules: LabelRules, resource: Resource): readonly SecurityLabel[] {
  const { resourceType } = resource
  if (!isAboutSomebody(resourceType) && !rules.namesType(resourceType)) return NO_LABELS
  return new Walk(rules).labels(resource, resourceType)
}

const NO_LABELS: readonly SecurityLabel[] = Object.freeze([])

/** A resource that the walk is within. */
interface Enclosing {
  readonly type: string
  readonly resource: JsonObject
  /** Whether rules for every `Resource` reach in here. */
  readonly isAboutSomebody: boolean
  /** Worked out when first asked for; null for a resource without dates. */
  span: Span | null | undefined
}

class Walk {
  readonly #rules: LabelRules
  readonly #enclosing: Enclosing[] = []
  readonly #steps: Step[] = []
  readonly #findings: Finding[] = []
  /** In place of findings, where only these are asked for. */
  #labels: SecurityLabel[] | undefined
  readonly #when = (): Span | undefined => this.#span()
  readonly #hasIdentifiers: boolean
  readonly #hasIngredients: boolean

  constructor(rules: LabelRules) {
    this.#rules = rules
    this.#hasIdentifiers = !rules.identifiers.isEmpty
    this.#hasIngredients = !rules.ingredients.isEmpty
  }

  findings(resource: Resource, as: string): readonly Finding[] {
    this.#resource(resource, as)
    return this.#findings
  }

  labels(resource: Resource, as: string): readonly SecurityLabel[] {
    const labels: SecurityLabel[] = []
    this.#labels = labels
    this.#resource(resource, as)
    return labels
  }

  #resource(resource: JsonObject, type: string): void {
    const outer = this.#enclosing.at(-1)
    const standsAlone = outer === undefined || ENVELOPES.has(outer.type)
    this.#enclosing.push({
      type,
      resource,
      isAboutSomebody: standsAlone ? isAboutSomebody(type) : outer.isAboutSomebody,
      span: undefined,
    })
    for (const name of [type, 'Resource'])
      for (const match of this.#rules.always.get(name) ?? []) this.#found([match])
    if (this.#hasIngredients) this.#medication(resource, type)
    this.#children(resource)
    this.#enclosing.pop()
  }

  #object(value: JsonObject): void {
    const { resourceType, system, code } = value
    if (typeof resourceType === 'string') return this.#resource(value, resourceType)
    if (typeof system === 'string') {
      if (typeof code === 'string') this.#coding(system, code, value['display'])
      else if (this.#hasIdentifiers && typeof value['value'] === 'string')
        this.#identifier(system, value['value'])
    }
    this.#children(value)
  }

  #children(value: JsonObject): void {
    for (const key in value) {
      const child = value[key]
      if (typeof child !== 'object' || child === null) continue
      this.#steps.push(key)
      if (Array.isArray(child)) this.#items(child)
      else this.#object(child)
      this.#steps.pop()
    }
  }

  #items(items: readonly JsonValue[]): void {
    for (let at = 0; at < items.length; at++) {
      const item = items[at]
      if (typeof item !== 'object' || item === null || Array.isArray(item)) continue
      this.#steps.push(at)
      this.#object(item)
      this.#steps.pop()
    }
  }

  #coding(system: string, code: string, display: JsonValue | undefined): void {
    const matches = this.#rules.codings.matches(system, code, this.#when)
    if (matches.length > 0) this.#found(matches, { coding: { system, code } })
    if (this.#hasIngredients && typeof display === 'string' && this.#isDrugs(system))
      this.#named(display, { coding: { system, code } })
  }

  #isDrugs(system: string): boolean {
    return DRUG_SYSTEMS.has(this.#rules.codings.keyOf(system))
  }

  #identifier(system: string, value: string): void {
    const matches = this.#rules.identifiers.matches(system, value, this.#when)
    if (matches.length > 0) this.#found(matches, { coding: { system, code: value } })
  }

  /** The places where a resource says by a text alone what a medication is. */
  #medication(resource: JsonObject, type: string): void {
    this.#concept(resource, 'medicationCodeableConcept')
    this.#reference(resource, 'medicationReference')
    if (type !== 'Medication' && type !== 'Substance') return
    this.#concept(resource, 'code')
    const { ingredient } = resource
    if (!Array.isArray(ingredient)) return
    ingredient.forEach((item, at) => {
      if (!isJsonObject(item)) return
      this.#steps.push('ingredient', at)
      for (const key of ['itemCodeableConcept', 'substanceCodeableConcept']) this.#concept(item, key)
      for (const key of ['itemReference', 'substanceReference']) this.#reference(item, key)
      this.#steps.length -= 2
    })
  }

  #concept(owner: JsonObject, key: string): void {
    const concept = owner[key]
    if (!isJsonObject(concept)) return
    const { text, coding } = concept
    if (typeof text === 'string') this.#namedAt(text, [key, 'text'])
    if (!Array.isArray(coding)) return
    coding.forEach((item, at) => {
      if (!isJsonObject(item)) return
      const { system, display } = item
      // Codings of drugs are looked at wherever they stand.
      const isDrug = typeof system === 'string' && typeof item['code'] === 'string' && this.#isDrugs(system)
      if (typeof display === 'string' && !isDrug) this.#namedAt(display, [key, 'coding', at, 'display'])
    })
  }

  #reference(owner: JsonObject, key: string): void {
    const reference = owner[key]
    if (isJsonObject(reference) && typeof reference['display'] === 'string')
      this.#namedAt(reference['display'], [key, 'display'])
  }

  #namedAt(text: string, steps: readonly Step[]): void {
    this.#steps.push(...steps)
    this.#named(text)
    this.#steps.length -= steps.length
  }

  #named(text: string, more: Pick<Finding, 'coding'> = { coding: undefined }): void {
    for (const { ingredient, match } of this.#rules.ingredients.namedIn(text))
      this.#found([match], { ...more, ingredient })
  }

  #found(
    matches: readonly Match[],
    more: Pick<Finding, 'coding' | 'ingredient'> = { coding: undefined },
  ): void {
    if (this.#labels !== undefined) {
      for (const { type, rule } of matches) if (this.#isWithin(type)) this.#labels.push(...rule.labels)
      return
    }
    // By several lines of its lists, a rule is one finding all the same.
    const rules = new Set(matches.filter(({ type }) => this.#isWithin(type)).map(({ rule }) => rule))
    if (rules.size === 0) return
    const { resource } = this.#enclosing[0] as Enclosing
    const { definitions } = this.#rules
    const steps = [...this.#steps]
    for (const { name, labels } of rules)
      for (const label of labels)
        this.#findings.push({
          label,
          rule: name,
          // Only whoever explains asks for it.
          get path() {
            return elementPath(definitions, resource as Resource, steps)
          },
          ...more,
        })
  }

  #isWithin(type: string): boolean {
    if (type === 'Resource') return this.#enclosing.at(-1)?.isAboutSomebody === true
    return this.#enclosing.some((it) => it.type === type)
  }

  /** Of the innermost resource that has a date. */
  #span(): Span | undefined {
    for (const enclosing of this.#enclosing.toReversed()) {
      enclosing.span ??= clinicalSpan(enclosing.resource) ?? null
      if (enclosing.span !== null) return enclosing.span
    }
    return undefined
  }
}
