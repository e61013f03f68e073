// The course of a patient's scores and diaries: what was measured when, and what has become of it since the baseline.
import type { CodeableConcept, Coding } from './coded.ts'
import type { Band, ChangeRule, Instrument, ScoreRule } from '../assessments/instrument.ts'

/** One Observation's value, at its time. */
export interface Point<Value = number> {
  /** `Observation/[id]` */
  readonly reference: string
  /** As the Observation tells it: a date, or a date with a time. */
  readonly date: string
  /** Milliseconds since 1970: where the time begins that `date` names. */
  readonly at: number
  /** The same by the clock on the wall where it was measured: see `wallTime`. Charts and days go by it. */
  readonly wall: number
  readonly value: Value
  readonly band: Band | undefined
}

/** A result in words: a coded answer, a text, yes or no. */
export interface Category {
  /** Equal for equal results. */
  readonly key: string
  readonly text: string
  /** undefined for a text alone. */
  readonly coding: Coding | undefined
}

/** Points in the order of their times, earliest first. */
export interface Series {
  readonly numbers: readonly Point[]
  readonly categories: readonly Point<Category>[]
  readonly leftOut: LeftOut
}

/**
 * How many Observations tell of the same but cannot be shown. `undated`: of no time. `no-value`: an absent one, or
 * one of another kind. `inexact`: a number with a comparator. `out-of-range`: no score that there can be, or a number beyond all measure.
 */
export type LeftOut = Readonly<Record<LeftOutReason, number>>

export const LEFT_OUT_REASONS = ['undated', 'no-value', 'inexact', 'out-of-range'] as const
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number]

export interface Change {
  readonly baseline: Point
  readonly last: Point
  /** `last` less `baseline`. */
  readonly points: number
  /** Of the baseline, negative where the value has fallen; undefined for a baseline of 0 or less. */
  readonly percent: number | undefined
  /** undefined: no change, or nobody says which way is better. */
  readonly direction: 'improvement' | 'worsening' | undefined
  readonly findings: readonly ChangeFinding[]
}

/** What a rule of the instrument says of the change. */
export interface ChangeFinding {
  readonly rule: ChangeRule
  /** Whether it holds for the last point; undefined: it cannot be said. */
  readonly holds: boolean | undefined
  /** The first point after the baseline for which it held. */
  readonly first: Point | undefined
  /** Which way the last point has changed, where it holds. */
  readonly direction: 'improvement' | 'worsening' | undefined
}

export interface ScoreCourse {
  readonly rule: ScoreRule
  /** Those of the rule that hold for this patient. */
  readonly bands: readonly Band[]
  readonly series: Series
  /** undefined where there is no baseline, or nothing after it. */
  readonly change: Change | undefined
  /** The point from which change is told; undefined where there is none. */
  readonly baseline: Point | undefined
}

export interface InstrumentCourse {
  readonly instrument: Instrument
  /** Those that there are values of, in the instrument's order, the primary one first. */
  readonly scores: readonly ScoreCourse[]
  /** `YYYY-MM-DD`, by the instrument's frequency, from the last time that there is a score of. */
  readonly nextDue: string | undefined
}

/** Values of one code, in one unit. */
export interface DiaryCourse {
  /** The search token by which it was asked for. */
  readonly asked: string
  readonly code: CodeableConcept
  /** For people: its text, display or code. */
  readonly title: string
  readonly unit: string | undefined
  readonly series: Series
}

export interface Courses {
  /** In the order of their titles. */
  readonly instruments: readonly InstrumentCourse[]
  /** In the order in which they were asked for. */
  readonly diaries: readonly DiaryCourse[]
}
