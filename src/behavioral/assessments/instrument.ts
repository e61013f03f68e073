// What a Questionnaire says of how its answers are scored, as it is gone by: questions, scores, bands, alerts.
import type { JsonObject, JsonValue, Resource } from '../../fhir/index.ts'
import type { Coding } from './coding.ts'
import type { Enabling } from './enable-when.ts'
import type { Formula } from './formula.ts'
import type { QuestionnaireItem } from './items.ts'
import type { Variable } from './variables.ts'

export type { Coding } from './coding.ts'

/** A Questionnaire that scores, or warns. It is never changed once it is read. */
export interface Instrument {
  readonly questionnaire: Resource
  readonly url: string
  readonly version: string | undefined
  /** Its title, else its name, else its url. */
  readonly title: string
  /** What the Questionnaire is coded as: the panel. */
  readonly codes: readonly Coding[]
  /** All items that can be answered, score items apart, by linkId and in the order of the Questionnaire. */
  readonly questions: ReadonlyMap<string, Question>
  /** In the order of the Questionnaire, in which they are computed. */
  readonly scores: readonly ScoreRule[]
  readonly alerts: readonly AlertRule[]
  readonly frequency: Frequency | undefined
  /** Other Questionnaires whose responses this one reads. */
  readonly aliases: readonly string[]
  /** Whether the score of responses depends on who the patient is. */
  readonly needsPatient: boolean
  /** All items by linkId. */
  readonly items: ReadonlyMap<string, QuestionnaireItem>
  /** The items by every name that responses may give them: linkIds, aliases, LOINC codes that are one item's alone. */
  readonly itemsByName: ReadonlyMap<string, QuestionnaireItem>
  readonly enabling: Enabling
  readonly variables: readonly Variable[]
}

export interface Question {
  readonly linkId: string
  /** `Questionnaire.item.type`. */
  readonly type: string
  readonly text: string | undefined
  readonly codes: readonly Coding[]
  readonly repeats: boolean
  /** Empty where any value of the type is an answer. */
  readonly options: readonly AnswerOption[]
  /** Names by which responses to an alias know it. */
  readonly aliases: readonly string[]
  /** The item of the Questionnaire. */
  readonly item: JsonObject
  /** The value that an answer of a response stands for; undefined when it is none of those that there are. */
  readonly recognise: (answer: GivenValue) => AnswerValue | undefined
}

/** `value[x]` of an answer in a response. */
export interface GivenValue {
  /** `valueCoding`, `valueString`, `valueInteger`, ... */
  readonly property: string
  readonly value: JsonValue
}

export interface AnswerOption {
  readonly property: string
  /** What an answer that means this option holds; without extensions. */
  readonly value: JsonValue
  /** The text of a string, the display or code of a coding. */
  readonly text: string
  readonly weight: number | undefined
}

/** What an answer means. */
export interface AnswerValue {
  readonly property: string
  /** As the instrument has it: its own option, where there are options. */
  readonly value: JsonValue
  readonly option: AnswerOption | undefined
  /** The answer as expressions see it: this value, and its weight. Never changed: many responses share it. */
  readonly answer: JsonObject
}

export type ScoreDirection = 'lower-is-better' | 'higher-is-better'

export interface ScoreRule {
  readonly linkId: string
  /** By which expressions know it: `%score_44261_6`. */
  readonly variable: string
  readonly text: string | undefined
  readonly codes: readonly Coding[]
  readonly type: 'decimal' | 'integer' | 'choice' | 'boolean'
  /** The possible results of a choice. */
  readonly options: readonly Coding[]
  /** linkIds of the questions, and of earlier scores, that it is computed from. */
  readonly over: readonly string[]
  /** How many of `over` may be without an answer. */
  readonly mostMissing: number
  readonly lowest: number | undefined
  readonly highest: number | undefined
  readonly direction: ScoreDirection | undefined
  /** Whether the course is shown by it. */
  readonly primary: boolean
  readonly references: readonly string[]
  readonly bands: readonly Band[]
  readonly changes: readonly ChangeRule[]
  /** Yields the value: one number, the code of one of `options`, or true or false. */
  readonly formula: Formula
  /** Whether it is a positive screen, seeing `%score`. */
  readonly positive: Formula | undefined
}

export type Severity =
  | 'none'
  | 'mild'
  | 'moderate'
  | 'moderately-severe'
  | 'severe'
  | 'very-severe'
  | 'positive'

export interface Band {
  /** Inclusive; undefined: no bound on this side. */
  readonly low: number | undefined
  readonly high: number | undefined
  /** Of a choice's result, in place of bounds. */
  readonly code: string | undefined
  readonly text: string
  readonly severity: Severity | undefined
  readonly reference: string | undefined
  /** For whom it is, such as one sex, seeing `%score`; undefined: for all. */
  readonly when: Formula | undefined
}

export type Basis = 'published' | 'convention'

export type ChangeKind =
  | 'reliable'
  | 'clinically-significant'
  | 'response'
  | 'partial-response'
  | 'remission'
  | 'deterioration'

/** What a change of the score means; exactly one of the five measures is there. */
export interface ChangeRule {
  readonly kind: ChangeKind
  /** A change by at least so many points. */
  readonly points: number | undefined
  /** A reduction from the baseline by at least so many percent. */
  readonly percent: number | undefined
  readonly below: number | undefined
  readonly atMost: number | undefined
  readonly atLeast: number | undefined
  readonly basis: Basis
  readonly reference: string | undefined
}

export type AlertLevel = 'critical' | 'high' | 'moderate' | 'low' | 'safety' | 'severe' | 'positive-screen'

export interface AlertRule {
  readonly id: string
  readonly title: string
  readonly level: AlertLevel
  /** What is to be done. */
  readonly action: string | undefined
  readonly raisesFlag: boolean
  /** Of the Task; undefined: none is made. */
  readonly priority: 'routine' | 'urgent' | 'asap' | 'stat' | undefined
  readonly reference: string | undefined
  readonly when: Formula
}

/** How often it is asked again. */
export interface Frequency {
  readonly every: number
  /** UCUM. */
  readonly unit: 'd' | 'wk' | 'mo' | 'a'
  readonly basis: Basis
}
