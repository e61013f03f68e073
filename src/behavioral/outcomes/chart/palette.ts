// Colours of charts: tints that grow darker with severity, so that they stay apart in grey, under ink that is dark
// enough for each of them (WCAG 2.2, 1.4.3 and 1.4.11).
import type { Severity } from '../../assessments/instrument.ts'

export const PAPER = '#ffffff'
export const INK = '#1b1f27'
/** Of what is said beside. */
export const QUIET_INK = '#3f4754'
/** Of lines through values, and of their marks. */
export const LINE = '#17365d'
/** Of single values beneath a mean of them. */
export const QUIET_LINE = '#5a6b80'
export const THRESHOLD = '#1f5130'
export const GRID = '#d4d7dc'
export const BORDER = '#767c86'

export const TINTS: Readonly<Record<Severity, string>> = Object.freeze({
  none: '#ffffff',
  mild: '#fcf5e4',
  moderate: '#f7e7c8',
  'moderately-severe': '#f0d5ad',
  severe: '#e6c096',
  'very-severe': '#d9a97f',
  positive: '#f3dcb6',
})

/** From the best to the worst; a positive screen says no more than that it is one. */
export const SEVERITIES: readonly Severity[] = Object.freeze([
  'none',
  'mild',
  'positive',
  'moderate',
  'moderately-severe',
  'severe',
  'very-severe',
])

/** Where nobody says how severe it is. */
const PLAIN_TINTS = ['#ffffff', '#eef1f5'] as const

export function tintOf(severity: Severity | undefined, place: number): string {
  return severity === undefined ? (PLAIN_TINTS[place % 2] as string) : TINTS[severity]
}
