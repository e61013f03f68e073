// What has become of a score since the baseline, by the instrument's own rules of change.
import type { ChangeRule, ScoreDirection, ScoreRule } from '../assessments/instrument.ts'
import type { Change, ChangeFinding, Point } from './course.ts'

/** Below what two scores can differ by: sums of decimals are not exact. */
const NOTHING = 1e-9

/**
 * @param points those from the baseline on, the baseline first, in the order of their times
 * @returns undefined where there is nothing after the baseline
 */
export function changeOf({ direction, changes }: ScoreRule, points: readonly Point[]): Change | undefined {
  const [baseline, ...later] = points
  const last = later.at(-1)
  if (baseline === undefined || last === undefined) return undefined
  const findings = changes.map((rule) => finding(rule, direction, baseline, later))
  return {
    baseline,
    last,
    points: difference(last.value, baseline.value),
    percent: baseline.value > 0 ? (100 * (last.value - baseline.value)) / baseline.value : undefined,
    direction: wayOf(gainOf(direction, baseline.value, last.value)),
    findings: findings.map((one) => withoutFuller(one, findings)),
  }
}

function finding(
  rule: ChangeRule,
  direction: ScoreDirection | undefined,
  baseline: Point,
  later: readonly Point[],
): ChangeFinding {
  const holds = holdsFor(rule, direction, baseline, later)
  const last = later.length - 1
  const first = later.findIndex((_, index) => holds(index) === true)
  const now = holds(last)
  return {
    rule,
    holds: now,
    first: first < 0 ? undefined : later[first],
    direction:
      now === true ? wayOf(gainOf(direction, baseline.value, (later[last] as Point).value)) : undefined,
  }
}

type Holds = (index: number) => boolean | undefined

function holdsFor(
  { kind, points, percent, below, atMost, atLeast }: ChangeRule,
  direction: ScoreDirection | undefined,
  baseline: Point,
  later: readonly Point[],
): Holds {
  const gainAt = (index: number): number | undefined =>
    gainOf(direction, baseline.value, (later[index] as Point).value)
  if (points !== undefined)
    return (index) => reaches(kind, gainAt(index) ?? eitherWay(kind, baseline, later[index] as Point), points)
  if (percent !== undefined)
    return (index) =>
      baseline.value <= 0 ? undefined : reaches(kind, scaled(gainAt(index), 100 / baseline.value), percent)
  const isThere = (value: number): boolean =>
    below !== undefined
      ? value < below
      : atMost !== undefined
        ? value <= atMost
        : value >= (atLeast as number)
  // Who was never anywhere else has not come there.
  const away = [baseline, ...later].findIndex(({ value }) => !isThere(value))
  return (index) => away >= 0 && away <= index && isThere((later[index] as Point).value)
}

/** How much better it is than the baseline; negative where it is worse. undefined: nobody says which way is better. */
function gainOf(direction: ScoreDirection | undefined, baseline: number, value: number): number | undefined {
  if (direction === undefined) return undefined
  return difference(
    ...(direction === 'lower-is-better' ? ([baseline, value] as const) : ([value, baseline] as const)),
  )
}

function reaches(kind: ChangeRule['kind'], gain: number | undefined, least: number): boolean | undefined {
  if (gain === undefined) return undefined
  const amount = goesBothWays(kind) ? Math.abs(gain) : kind === 'deterioration' ? -gain : gain
  return amount >= least - NOTHING
}

/** How far it has changed, where it does not matter which way is better. */
function eitherWay(kind: ChangeRule['kind'], baseline: Point, { value }: Point): number | undefined {
  return goesBothWays(kind) ? difference(value, baseline.value) : undefined
}

function goesBothWays(kind: ChangeRule['kind']): boolean {
  return kind === 'reliable' || kind === 'clinically-significant'
}

/** A response is no partial one. */
function withoutFuller(one: ChangeFinding, all: readonly ChangeFinding[]): ChangeFinding {
  const isFuller = all.some(({ rule, holds }) => rule.kind === 'response' && holds === true)
  if (one.rule.kind !== 'partial-response' || !isFuller) return one
  return { ...one, holds: false, direction: undefined }
}

function wayOf(gain: number | undefined): ChangeFinding['direction'] {
  if (gain === undefined || gain === 0) return undefined
  return gain > 0 ? 'improvement' : 'worsening'
}

/** Without the noise of binary fractions. */
function difference(a: number, b: number): number {
  return Number((a - b).toFixed(9))
}

function scaled(amount: number | undefined, by: number): number | undefined {
  return amount === undefined ? undefined : amount * by
}
