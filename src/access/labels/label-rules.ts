// Reads the rules by which records are labelled: PlanDefinitions whose actions say what makes a record sensitive.
import {
  type Definitions,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import type { SecurityLabel } from '../../store/index.ts'
import { systemKey } from './code-systems.ts'
import { DEFINITIONAL } from './definitional.ts'
import { faultList, type NoteFault, type RuleFault } from './faults.ts'
import { IngredientNames } from './ingredients.ts'
import { type Match, type Rule, RuleTable } from './rule-table.ts'
import { SettledLabels } from './settled-labels.ts'
import { term } from './term.ts'
import { type ValueSetTerms, valueSetTerms } from './value-set-terms.ts'
import { ACT_CODE, CONFIDENTIALITY, confidentialityRank, labelKind, readLabel } from './vocabulary.ts'

/** `PlanDefinition.type` of the rules, beside HL7's `eca-rule`. */
export const RULES_TYPE: SecurityLabel = {
  system: 'https://alcove.health/fhir/CodeSystem/rule-types',
  code: 'security-labels',
}

/** What `codeFilter.path` may say: which codes of a resource, or which identifiers, or the labels it has come to. */
export const ANY_CODING = 'descendants().ofType(Coding)'
export const ANY_IDENTIFIER = 'descendants().ofType(Identifier)'
export const OWN_LABELS = 'meta.security'

/** On an input: the name of an ingredient of a medication (valueString). */
export const MEDICATION_INGREDIENT = 'https://alcove.health/fhir/StructureDefinition/medication-ingredient'

/** Rules in force, ready to be applied to any number of resources. */
export interface LabelRules {
  readonly definitions: Definitions
  /** In the order in which they stand. */
  readonly rules: readonly Rule[]
  readonly codings: RuleTable
  readonly identifiers: RuleTable
  readonly ingredients: IngredientNames
  /** Labels that a label brings with it. */
  readonly labels: RuleTable
  /** By type of resource, `Resource` for every one: what a resource is labelled with whatever is in it. */
  readonly always: ReadonlyMap<string, readonly Match[]>
  /** Whether a definitional type is labelled at all. */
  readonly namesType: (type: string) => boolean
  /** What labels come to, remembered: the same few come again and again. */
  readonly settled: SettledLabels
}

/**
 * @param resources PlanDefinitions and ValueSets; others are passed over. PlanDefinitions count that are active and of
 * RULES_TYPE, as many as there are.
 * @returns the rules, and what is wrong with them. A fault in one leaves all others in force, and never makes that rule
 * match less than what can be told of it.
 */
export function compileLabelRules(
  resources: Iterable<Resource>,
  definitions: Definitions,
): { readonly rules: LabelRules; readonly faults: readonly RuleFault[] } {
  const all = [...resources]
  const { faults, note } = faultList()
  const compiler = new Compiler(
    definitions,
    valueSetTerms(
      all.filter(({ resourceType }) => resourceType === 'ValueSet'),
      note,
    ),
    note,
  )
  for (const plan of all.filter(isLabelRules)) compiler.plan(plan)
  return { rules: compiler.rules(), faults }
}

/** Whether it is a PlanDefinition of rules by which records are labelled, and in force. */
export function isLabelRules({ resourceType, status, type }: Resource): boolean {
  if (resourceType !== 'PlanDefinition' || status !== 'active' || !isJsonObject(type)) return false
  return objects(type['coding']).some(
    ({ system, code }) => system === RULES_TYPE.system && code === RULES_TYPE.code,
  )
}

/** Canonicals of the ValueSets that rules, or a ValueSet that is made of others, name. */
export function valueSetsNamed(resource: Resource): readonly string[] {
  const named: string[] = []
  collectValueSets(resource, named)
  return named
}

function collectValueSets(value: JsonValue | undefined, named: string[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collectValueSets(item, named)
    return
  }
  if (!isJsonObject(value)) return
  for (const key of Object.keys(value)) {
    const child = value[key]
    if (key !== 'valueSet') collectValueSets(child, named)
    else
      for (const canonical of Array.isArray(child) ? child : [child])
        if (typeof canonical === 'string') named.push(canonical)
  }
}

class Compiler {
  readonly #definitions: Definitions
  readonly #valueSets: ValueSetTerms
  readonly #note: NoteFault
  readonly #rules = new Map<string, Rule>()
  readonly #all: Rule[] = []
  readonly #codings = new RuleTable()
  readonly #identifiers = new RuleTable()
  readonly #labels = new RuleTable()
  readonly #ingredients = new IngredientNames()
  readonly #always = new Map<string, Match[]>()
  readonly #types = new Set<string>()

  constructor(definitions: Definitions, valueSets: ValueSetTerms, note: NoteFault) {
    this.#definitions = definitions
    this.#valueSets = valueSets
    this.#note = note
  }

  rules(): LabelRules {
    const types = this.#types
    return {
      definitions: this.#definitions,
      rules: this.#all,
      codings: this.#codings,
      identifiers: this.#identifiers,
      ingredients: this.#ingredients,
      labels: this.#labels,
      always: this.#always,
      namesType: (type) => types.has(type),
      settled: new SettledLabels(),
    }
  }

  plan(plan: Resource): void {
    this.#actions(plan, plan['action'], 'PlanDefinition.action')
  }

  #actions(plan: Resource, actions: JsonValue | undefined, path: string): void {
    objects(actions).forEach((action, at) => {
      this.#action(plan, action, `${path}[${at}]`)
      this.#actions(plan, action['action'], `${path}[${at}].action`)
    })
  }

  #action(plan: Resource, action: JsonObject, path: string): void {
    const { id, title, description, input } = action
    const inputs = objects(input)
    const labels = this.#labelsOf(plan, action, path)
    // An action that groups others is no rule itself.
    if (labels.length === 0 && inputs.length === 0 && Array.isArray(action['action'])) return
    const note = (at: string, message: string): void => this.#note(plan, `${path}${at}`, message)
    if (labels.length === 0) note('.code', 'The rule adds no label.')
    if (inputs.length === 0) note('.input', 'The rule says nothing that it matches.')
    if (action['condition'] !== undefined)
      note('.condition', 'Conditions are not looked at: the rule holds without.')
    if (typeof id !== 'string') note('.id', 'A rule needs an id, by which it is named where it matched.')
    const name = typeof id === 'string' ? id : path
    if (this.#rules.has(name)) note('.id', `Another rule has the name ${name} too. Both hold.`)
    const rule: Rule = {
      name,
      title: typeof title === 'string' ? title : name,
      description: typeof description === 'string' ? description : '',
      labels,
    }
    this.#rules.set(name, rule)
    this.#all.push(rule)
    inputs.forEach((it, at) =>
      this.#input(rule, it, (inner, message) => note(`.input[${at}]${inner}`, message)),
    )
  }

  #labelsOf(plan: Resource, { code }: JsonObject, path: string): readonly SecurityLabel[] {
    return objects(code).flatMap(({ coding }, concept) =>
      objects(coding).flatMap((it, at) => {
        const label = readLabel(it)
        const note = (message: string): void =>
          this.#note(plan, `${path}.code[${concept}].coding[${at}]`, message)
        if (label === undefined) {
          note('A label needs a system and a code.')
          return []
        }
        if (label.system === CONFIDENTIALITY && confidentialityRank(label) === undefined) {
          note('This is no level of confidentiality: they are U, L, M, N, R and V.')
          return []
        }
        if (label.system === ACT_CODE && labelKind(label) === undefined)
          note('ActCode has no such security label. It is added as it stands.')
        return [label]
      }),
    )
  }

  #input(rule: Rule, input: JsonObject, note: (path: string, message: string) => void): void {
    const { type, codeFilter, extension } = input
    const match = { rule, type: this.#typeOf(type, note) }
    for (const ignored of ['dateFilter', 'profile', 'subjectCodeableConcept', 'subjectReference'])
      if (input[ignored] !== undefined)
        note(`.${ignored}`, 'This is not looked at: the rule matches without it.')

    const ingredients = objects(extension).filter(({ url }) => url === MEDICATION_INGREDIENT)
    for (const { valueString } of ingredients)
      if (typeof valueString !== 'string' || !this.#ingredients.add(valueString, match))
        note('.extension', 'An ingredient needs a name.')

    const filters = objects(codeFilter)
    if (filters.length > 1)
      note('.codeFilter', 'Each of several filters matches by itself here. Name further inputs instead.')
    filters.forEach((filter, at) =>
      this.#filter(match, filter, (inner, message) => note(`.codeFilter[${at}]${inner}`, message)),
    )
    if (ingredients.length > 0 || filters.length > 0) return
    this.#always.set(match.type, [...(this.#always.get(match.type) ?? []), match])
  }

  #typeOf(type: JsonValue | undefined, note: (path: string, message: string) => void): string {
    if (type === 'Resource' || type === 'DomainResource') return 'Resource'
    if (typeof type === 'string' && this.#definitions.isResourceType(type)) {
      this.#types.add(type)
      return type
    }
    note('.type', 'This is no type of resource, so the rule is for all of them.')
    return 'Resource'
  }

  #filter(match: Match, filter: JsonObject, note: (path: string, message: string) => void): void {
    const { path, valueSet, code } = filter
    const table = this.#tableFor(path, match, note)
    const terms = typeof valueSet === 'string' ? this.#valueSets.of(valueSet) : []
    if (terms === undefined) note('.valueSet', `There is no ValueSet ${String(valueSet)}.`)
    const own = objects(code).flatMap(({ system, code: value }) =>
      typeof system === 'string' && typeof value === 'string' ? [term(systemKey(system), 'code', value)] : [],
    )
    if (terms !== undefined && terms.length === 0 && own.length === 0) note('', 'No code passes this filter.')
    for (const it of [...(terms ?? []), ...own]) table.add(it, match)
  }

  #tableFor(
    path: JsonValue | undefined,
    { type }: Match,
    note: (path: string, message: string) => void,
  ): RuleTable {
    switch (path) {
      case ANY_CODING:
        return this.#codings
      case ANY_IDENTIFIER:
        return this.#identifiers
      case OWN_LABELS:
        if (type !== 'Resource')
          note('', 'What a label brings with it does not depend on the type: it holds for every one.')
        return this.#labels
      default:
        note(
          '.path',
          `Every code of the resource is looked at. The path may be ${ANY_CODING}, ${ANY_IDENTIFIER} or ${OWN_LABELS}.`,
        )
        return this.#codings
    }
  }
}

/** Whether a rule for every `Resource` reaches a resource of this type that stands by itself. */
export function isAboutSomebody(type: string): boolean {
  return !DEFINITIONAL.has(type)
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
