// Scores, rules of change and points, as tests of courses make them.
import type { Band, ChangeRule, ScoreRule } from '../../../src/behavioral/index.ts'
import type { Point } from '../../../src/behavioral/index.ts'

export function changeRule(kind: ChangeRule['kind'], measure: Partial<ChangeRule>): ChangeRule {
  return {
    kind,
    points: undefined,
    percent: undefined,
    below: undefined,
    atMost: undefined,
    atLeast: undefined,
    basis: 'published',
    reference: undefined,
    ...measure,
  }
}

export function band(
  low: number | undefined,
  high: number | undefined,
  text: string,
  severity?: Band['severity'],
): Band {
  return { low, high, code: undefined, text, severity, reference: undefined, when: undefined }
}

export function scoreRule(more: Partial<ScoreRule> = {}): ScoreRule {
  return {
    linkId: '/1',
    variable: 'score_1',
    text: 'Total score',
    codes: [{ system: 'urn:c', code: 'total' }],
    type: 'decimal',
    options: [],
    over: ['/a'],
    mostMissing: 0,
    lowest: 0,
    highest: 27,
    direction: 'lower-is-better',
    primary: true,
    references: [],
    bands: [],
    changes: [],
    formula: { text: '1', element: 'Questionnaire', names: new Set(), evaluate: () => [] },
    positive: undefined,
    ...more,
  }
}

/** One a day from 2024-01-01 on. */
export function pointsOf(values: readonly number[]): readonly Point[] {
  return values.map((value, index) => {
    const at = Date.UTC(2024, 0, 1 + index)
    const date = new Date(at).toISOString().slice(0, 10)
    return { reference: `Observation/o${index}`, date, at, wall: at, value, band: undefined }
  })
}
