// Builds Questionnaires that score, and responses to them.
import {
  type JsonObject,
  type JsonValue,
  evaluatorOnDemand,
  loadFhirPath,
  type Resource,
} from '../../../src/fhir/index.ts'
import { type Evaluators, type Instrument, readInstrument } from '../../../src/behavioral/index.ts'

const OURS = 'https://alcove.health/fhir/StructureDefinition/assessment-'
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'

export const CODES = 'http://example.org/codes'
export const URL = 'http://example.org/Questionnaire/q'

export const ours = (tail: string, value: JsonObject): JsonObject => ({ url: OURS + tail, ...value })

export const fhirpath = (expression: string): JsonObject => ({ language: 'text/fhirpath', expression })

/** An extension of named parts: `[name, valueX, value]`. */
export const complex = (
  tail: string,
  ...parts: readonly (readonly [string, string, JsonValue])[]
): JsonObject =>
  ours(tail, { extension: parts.map(([url, property, value]) => ({ url, [property]: value })) })

export const weight = (value: number): JsonObject => ({
  url: 'http://hl7.org/fhir/StructureDefinition/itemWeight',
  valueDecimal: value,
})

export const coding = (code: string): JsonObject => ({ system: CODES, code, display: `Answer ${code}` })

/** An option whose code is `a` and its weight. */
export const option = (value: number): JsonObject => ({
  extension: [weight(value)],
  valueCoding: coding(`a${value}`),
})

/** A question with the answers `a0` to `a3`. */
export const question = (linkId: string, more: JsonObject = {}): JsonObject => ({
  linkId,
  type: 'choice',
  text: `Question ${linkId}`,
  answerOption: [0, 1, 2, 3].map(option),
  ...more,
})

export const calculated = (expression: string): JsonObject => ({
  url: `${SDC}calculatedExpression`,
  valueExpression: fhirpath(expression),
})

export const enableWhenExpression = (expression: string): JsonObject => ({
  url: `${SDC}enableWhenExpression`,
  valueExpression: fhirpath(expression),
})

export const sumOf = (...linkIds: readonly string[]): string =>
  `%resource.repeat(item).where(${linkIds.map((it) => `linkId = '${it}'`).join(' or ')}).answer.value.weight().sum()`

export interface ScoreParts {
  readonly linkId?: string
  readonly type?: string
  readonly over: readonly string[]
  readonly expression?: string
  /** Parts of assessment-score beside `over`. */
  readonly parts?: readonly (readonly [string, string, JsonValue])[]
  readonly extension?: readonly JsonObject[]
  readonly more?: JsonObject
}

export function score({ over, ...rest }: ScoreParts): JsonObject {
  const { linkId = 'total', type = 'decimal', parts = [], extension = [], more = {} } = rest
  return {
    linkId,
    type,
    readOnly: true,
    code: [{ system: CODES, code: `score-${linkId}` }],
    extension: [
      calculated(rest.expression ?? sumOf(...over)),
      complex('score', ...over.map((it) => ['over', 'valueString', it] as const), ...parts),
      ...extension,
    ],
    ...more,
  }
}

export function questionnaire(items: readonly JsonObject[], more: JsonObject = {}): Resource {
  return { resourceType: 'Questionnaire', url: URL, status: 'active', item: [...items], ...more }
}

/** Items of a response: the code of an answer, a `value[x]`, or several. */
export type Given = Readonly<Record<string, string | JsonObject | readonly JsonObject[]>>

export function respond(given: Given, more: JsonObject = {}): Resource {
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: URL,
    status: 'completed',
    item: Object.entries(given).map(([linkId, answer]) => ({ linkId, answer: answersOf(answer) })),
    ...more,
  }
}

function answersOf(answer: Given[string]): JsonObject[] {
  if (typeof answer === 'string') return [{ valueCoding: coding(answer) }]
  return Array.isArray(answer) ? [...(answer as readonly JsonObject[])] : [answer as JsonObject]
}

const engine = await loadFhirPath()

/** The fhirpath library alone. */
export const library: Evaluators = (expression) => (focus, environment) =>
  engine.evaluate(focus, expression, environment)

/** As the server evaluates. */
export const evaluators: Evaluators = evaluatorOnDemand

export function instrumentOf(resource: Resource, by: Evaluators = evaluators): Instrument {
  const instrument = readInstrument(deepFreeze(resource), by)
  if (instrument === undefined) throw new Error('It neither scores nor warns.')
  return instrument
}

export function deepFreeze<Value extends JsonValue>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) if (part !== undefined) deepFreeze(part)
  return Object.freeze(value)
}
