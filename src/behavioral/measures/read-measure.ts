// A Measure resource to what is evaluated, with every fault told at its element (https://hl7.org/fhir/R4/measure.html).
import {
  isJsonObject,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import { GIVEN, readCriteria, type Prepare } from './criteria.ts'
import {
  POPULATIONS,
  type Criteria,
  type Group,
  type Measure,
  type Population,
  type PopulationCode,
  type Scoring,
  type Stratifier,
  type Variable,
} from './measure.ts'
import { readQuery } from './read-query.ts'
import { refusedMeasure } from './refused-measure.ts'

/** Declares a variable of a Measure: `expression` (an Expression with a name), `required` (of queries). */
const VARIABLE = 'https://alcove.health/fhir/StructureDefinition/measure-variable'

/** What is counted: `boolean`, or a resource type (http://hl7.org/fhir/us/cqfmeasures). */
const BASIS = 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-populationBasis'

const SCORINGS: readonly Scoring[] = ['proportion', 'ratio', 'cohort']

/** What each scoring needs at least, and the most that it may have. */
const NEEDED: Readonly<Record<Scoring, readonly PopulationCode[]>> = {
  proportion: ['initial-population', 'denominator', 'numerator'],
  ratio: ['initial-population', 'denominator', 'numerator'],
  cohort: ['initial-population'],
}
const ALLOWED: Readonly<Record<Scoring, readonly PopulationCode[]>> = {
  proportion: POPULATIONS,
  ratio: POPULATIONS.filter((code) => code !== 'denominator-exception'),
  cohort: ['initial-population'],
}

const IDENTIFIER = /^[A-Za-z_]\w{0,63}$/

export interface MeasureParts {
  readonly definitions: Definitions
  readonly prepare: Prepare
}

/** @throws FhirError `business-rule` that names the element, for what cannot be evaluated here */
export function readMeasure(resource: Resource, parts: MeasureParts): Measure {
  const scoring = SCORINGS.find((code) => code === codeOf(resource.scoring))
  if (scoring === undefined)
    throw refusedMeasure(
      'Measure.scoring',
      `It must be ${SCORINGS.join(', ')}; no other is evaluated here.`,
      undefined,
      'not-supported',
    )
  const basis = basisOf(resource, parts)
  const variables = readVariables(resource, parts)
  const known = new Set([...GIVEN, ...variables.keys()])
  const expression = (element: JsonValue | undefined, path: string): Criteria => {
    const criteria = expressionAt(element, path, parts)
    requireKnown(criteria, known)
    return criteria
  }
  const groups = objects(resource['group']).map((group, at) =>
    readGroup(group, `Measure.group[${at}]`, scoring, expression),
  )
  if (groups.length === 0) throw refusedMeasure('Measure.group', 'There is nothing to evaluate.')
  return {
    resource,
    canonical: canonicalOf(resource),
    scoring,
    basis,
    improvementNotation: object(resource['improvementNotation']),
    variables,
    groups,
  }
}

function canonicalOf({ url, version, id }: Resource): string {
  if (typeof url !== 'string') return `Measure/${String(id)}`
  return typeof version === 'string' ? `${url}|${version}` : url
}

function basisOf(resource: Resource, { definitions }: MeasureParts): string {
  const at = objects(resource['extension']).findIndex(({ url }) => url === BASIS)
  if (at < 0) return 'boolean'
  const basis = objects(resource['extension'])[at]?.['valueCode']
  if (basis === 'boolean' || (typeof basis === 'string' && definitions.isResourceType(basis))) return basis
  throw refusedMeasure(`Measure.extension[${at}].valueCode`, 'It must be boolean or a resource type.')
}

function readVariables(resource: Resource, parts: MeasureParts): ReadonlyMap<string, Variable> {
  const variables = new Map<string, Variable>()
  for (const [at, declared] of objects(resource['extension']).entries()) {
    if (declared.url !== VARIABLE) continue
    const path = `Measure.extension[${at}]`
    const inner = objects(declared['extension'])
    const expression = inner.find(({ url }) => url === 'expression')?.['valueExpression']
    if (!isJsonObject(expression)) throw refusedMeasure(path, 'A variable needs an expression.')
    const { name, language } = expression
    if (typeof name !== 'string' || !IDENTIFIER.test(name))
      throw refusedMeasure(
        path,
        'The expression of a variable needs a name, a letter first, then letters and digits.',
      )
    const known = new Set([...GIVEN, ...variables.keys()])
    if (known.has(name)) throw refusedMeasure(path, `There is a variable ${name} already.`)
    const isRequired = inner.find(({ url }) => url === 'required')?.['valueBoolean'] === true
    if (language === 'application/x-fhir-query') {
      variables.set(name, { ...readQuery(expression, { ...parts, name, path }), isRequired })
      continue
    }
    if (isRequired) throw refusedMeasure(path, 'Only a query can be required.')
    const criteria = expressionAt(expression, path, parts)
    requireKnown(criteria, known)
    variables.set(name, { kind: 'computed', name, criteria })
  }
  return variables
}

function readGroup(
  group: JsonObject,
  path: string,
  scoring: Scoring,
  expression: (element: JsonValue | undefined, path: string) => Criteria,
): Group {
  const populations = objects(group['population']).map((population, at): Population => {
    const where = `${path}.population[${at}]`
    const code = ALLOWED[scoring].find((it) => it === codeOf(population['code']))
    if (code === undefined)
      throw refusedMeasure(
        `${where}.code`,
        `Of a ${scoring} measure these are evaluated: ${ALLOWED[scoring].join(', ')}.`,
        undefined,
        'not-supported',
      )
    const criteria = expression(population['criteria'], `${where}.criteria`)
    return { id: idOf(population), code, concept: population['code'] as JsonObject, criteria }
  })
  for (const [at, { code }] of populations.entries())
    if (populations.findIndex((it) => it.code === code) !== at)
      throw refusedMeasure(`${path}.population[${at}]`, `A group has one ${code}.`)
  for (const code of NEEDED[scoring])
    if (!populations.some((it) => it.code === code))
      throw refusedMeasure(`${path}.population`, `A ${scoring} measure needs a population ${code}.`)
  const stratifiers = objects(group['stratifier']).map((one, at) =>
    readStratifier(one, `${path}.stratifier[${at}]`, expression),
  )
  return { id: idOf(group), concept: object(group['code']), populations, stratifiers }
}

function readStratifier(
  stratifier: JsonObject,
  path: string,
  expression: (element: JsonValue | undefined, path: string) => Criteria,
): Stratifier {
  const components = objects(stratifier['component'])
  const part = (element: JsonObject, where: string) => ({
    concept: object(element['code']),
    criteria: expression(element['criteria'], `${where}.criteria`),
  })
  if (components.length === 0)
    return { id: idOf(stratifier), parts: [part(stratifier, path)], hasComponents: false }
  const parts = components.map((component, at) => {
    const where = `${path}.component[${at}]`
    // A stratum's components must have a code.
    if (!isJsonObject(component['code'])) throw refusedMeasure(`${where}.code`, 'A component needs a code.')
    return part(component, where)
  })
  return { id: idOf(stratifier), parts, hasComponents: true }
}

function expressionAt(element: JsonValue | undefined, path: string, { prepare }: MeasureParts): Criteria {
  const { language, expression } = isJsonObject(element) ? element : {}
  if (language !== 'text/fhirpath')
    throw refusedMeasure(
      `${path}.language`,
      'It must be text/fhirpath; no other language is evaluated here.',
      undefined,
      'not-supported',
    )
  if (typeof expression !== 'string')
    throw refusedMeasure(`${path}.expression`, 'There must be an expression.')
  return readCriteria(expression, `${path}.expression`, prepare)
}

function requireKnown({ names, path }: Criteria, known: ReadonlySet<string>): void {
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw refusedMeasure(
      path,
      `No variable ${unknown} is declared before. There are: ${[...known].join(', ')}.`,
    )
}

/** The first code of a CodeableConcept. */
function codeOf(concept: JsonValue | undefined): JsonValue | undefined {
  const [coding] = objects(isJsonObject(concept) ? concept['coding'] : undefined)
  return coding?.['code']
}

function idOf({ id }: JsonObject): string | undefined {
  return typeof id === 'string' ? id : undefined
}

function object(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
