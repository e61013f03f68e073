// From what was done to the lines that are billed for it, by the rules in force: pure, and the same for the same facts.
import { FhirError, isDate } from '../../fhir/index.ts'
import { keyOf } from './codes.ts'
import { environmentOf, placeOf, type Refusal, refusalOf, type RuleEnvironment } from './judge-rule.ts'
import { modifiersOf, priceOf, revenueOf } from './line-parts.ts'
import { exclusionsOf, onDay, primaryOf, unitsLeft, withoutPrimary } from './neighbours.ts'
import { type RuleBook, type RulesInForce, unitOf } from './rule-book.ts'
import type {
  BilledServices,
  Coding,
  EarlierLine,
  PerformedService,
  ServiceFacts,
  ServiceIssue,
  ServiceLine,
} from './service-facts.ts'
import type { Primary, ServiceRule } from './service-rule.ts'
import { unitsOf } from './units.ts'

type CodeRule = ServiceRule & { readonly code: Coding }

/** A service with the rules that may bill it. */
interface Open {
  readonly at: number
  readonly service: PerformedService
  readonly candidates: readonly CodeRule[]
  /** Whether the clinician chose the code. */
  readonly isCoded: boolean
  readonly environment: RuleEnvironment
}

/** A candidate that may stand. */
interface Choice {
  readonly rule: CodeRule
  readonly units: number
  readonly primary: Primary | undefined
}

/**
 * The lines for these services, in their order; what lengthens a line is right after it. What cannot be billed is told
 * and left out. Of two that exclude each other what stands alone stays before an add-on, else the one listed first.
 * @throws FhirError `invalid` for facts that are none, such as minutes that are not whole; `business-rule` for a
 * rule's condition that yields neither true nor false
 */
export function linesFor(book: RuleBook, facts: ServiceFacts): BilledServices {
  requireSound(facts)
  return new Billing(book.inForce(facts), facts).bill()
}

class Billing {
  readonly #rules: RulesInForce
  readonly #facts: ServiceFacts
  readonly #lines: ServiceLine[] = []
  readonly #issues: ServiceIssue[] = []
  /** Minutes that made no unit, by the code whose rule adds the minutes of a day. */
  readonly #carried = new Map<string, number>()

  constructor(rules: RulesInForce, facts: ServiceFacts) {
    this.#rules = rules
    this.#facts = facts
  }

  bill(): BilledServices {
    const open = this.#facts.services.flatMap((service, at) => this.#open(service, at) ?? [])
    // What nothing depends on first: an add-on is chosen knowing what it may add to.
    for (const rank of [0, 1, 2])
      for (const service of open) if (rankOf(service) === rank) this.#settle(service)
    // Sorting is stable: a line and its add-ons stay together.
    return {
      lines: this.#lines.toSorted((one, other) => one.service - other.service),
      warnings: this.#issues.toSorted((one, other) => one.service - other.service),
    }
  }

  #open(service: PerformedService, at: number): Open | undefined {
    const environment = environmentOf(this.#facts, service)
    const named = service.codings.flatMap((coding) => this.#rules.ofCode(coding) ?? []).filter(hasCode)
    const coded = named.find(({ isBillable }) => isBillable)
    if (coded !== undefined) return { at, service, candidates: [coded], isCoded: true, environment }
    const isKnown = service.codings.some((coding) => this.#rules.isKnown(coding))
    const candidates = service.codings.flatMap((kind) => this.#rules.ofKind(kind)).filter(hasCode)
    if (!isKnown && candidates.length > 0) return { at, service, candidates, isCoded: false, environment }
    const codes = service.codings.map(({ code }) => code).join(', ')
    const why = isKnown ? 'no rule in force bills it on this date for this payer' : 'no rule bills it'
    this.#tell(at, { problem: 'no-rule', why }, codes)
    return undefined
  }

  #settle(open: Open): void {
    const { at, candidates } = open
    const refusals: { readonly rule: CodeRule; readonly refusal: Refusal }[] = []
    const choices: Choice[] = []
    for (const rule of candidates) {
      if (!open.isCoded && this.#isCompanion(rule)) continue
      const judged = this.#judge(open, rule)
      if ('refusal' in judged) refusals.push({ rule, refusal: judged.refusal })
      else choices.push(judged)
    }
    const [choice, second] = choices.toSorted((one, other) => this.#rank(other) - this.#rank(one))
    if (choice === undefined) {
      this.#explain(at, refusals)
      this.#carry(open)
      return
    }
    if (second !== undefined && this.#rank(second) === this.#rank(choice))
      this.#tell(
        at,
        { problem: 'ambiguous', why: `${second.rule.code.code} would do as well` },
        choice.rule.code.code,
        'warning',
      )
    if (!this.#add(open, choice) || open.isCoded) return
    for (const rule of candidates) this.#accompany(open, rule, choice.rule)
  }

  /** Adds what lengthens a line that was just made: each further half hour of it. */
  #accompany(open: Open, rule: CodeRule, base: CodeRule): void {
    if (!this.#isCompanion(rule)) return
    const { date } = this.#facts
    if (primaryOf(rule, date, [{ code: base.code, date, units: 1 }]) === undefined) return
    const judged = this.#judge(open, rule)
    if (!('refusal' in judged)) this.#add(open, judged)
    else if (judged.refusal.problem !== 'below-minimum') this.#explain(open.at, [{ rule, ...judged }])
  }

  #carry({ candidates, service: { minutes = 0 } }: Open): void {
    for (const rule of candidates) {
      const key = keyOf(rule.code)
      this.#carried.set(key, (this.#carried.get(key) ?? 0) + minutes)
    }
  }

  /** What the day has of a code: minutes whether or not they made a unit. */
  #dayOf({ code }: CodeRule): { readonly minutes: number; readonly units: number } {
    const { minutes, units } = onDay(code, this.#facts.date, this.#billed())
    return { units, minutes: minutes + (this.#carried.get(keyOf(code)) ?? 0) }
  }

  #isCompanion(rule: CodeRule): boolean {
    return unitOf(rule, this.#rules.general).basis === 'each-additional'
  }

  #judge(open: Open, rule: CodeRule): Choice | { readonly refusal: Refusal } {
    const { general } = this.#rules
    const refusal = refusalOf(rule, general, this.#facts, open.environment)
    if (refusal !== undefined) return { refusal }
    const billed = this.#billed()
    const primary = primaryOf(rule, this.#facts.date, billed)
    if (rule.primaries.length > 0 && primary === undefined) return { refusal: withoutPrimary(rule) }
    const unit = unitOf(rule, general)
    const { minutes, quantity } = open.service
    // A clinician who chose the code by the decisions made needs no minutes.
    if (open.isCoded && unit.basis === 'time-or-decision') return { rule, units: 1, primary }
    const before = unit.aggregate === true ? this.#dayOf(rule) : { minutes: 0, units: 0 }
    const all = minutes === undefined ? undefined : minutes + before.minutes
    const counted = unitsOf(unit, all, quantity, primary?.startsAt ?? unit.startsAt)
    if ('refused' in counted) return { refusal: timeRefusal(counted) }
    const units = counted.units - before.units
    if (units > 0) return { rule, units, primary }
    return { refusal: { problem: 'below-minimum', why: 'its minutes make no further unit of the day' } }
  }

  /** The one of the longest service, and of these the add-on before what stands alone. */
  #rank({ rule, primary }: Choice): number {
    const { minMinutes = 0 } = unitOf(rule, this.#rules.general)
    return 2 * minMinutes + (primary === undefined ? 0 : 1)
  }

  /** Whether the line was made. */
  #add({ at, service, environment }: Open, { rule, units }: Choice): boolean {
    const { code, canonical } = rule
    const { date, place: recorded, levelOfCare } = this.#facts
    const { general } = this.#rules
    const billed = this.#billed()
    let stands = true
    for (const { severity, refusal } of exclusionsOf(rule, date, billed, this.#rules)) {
      this.#tell(at, refusal, code.code, severity)
      if (severity === 'error') stands = false
    }
    if (!stands) return false
    const left = unitsLeft(rule, unitOf(rule, general), date, billed)
    if (left < units) {
      const why = left === 0 ? 'no units of it are left' : `${left} of ${units} units are left`
      this.#tell(at, { problem: 'units-over-limit', why }, code.code, left === 0 ? 'error' : 'warning')
      if (left === 0) return false
    }
    const { modifiers, dropped } = modifiersOf(rule, general, environment)
    if (dropped > 0)
      this.#tell(
        at,
        { problem: 'too-many-modifiers', why: `a line carries 4; ${dropped} more are left out` },
        code.code,
        'warning',
      )
    const place = placeOf(rule, general, environment, recorded)
    const revenue = revenueOf(rule, levelOfCare)
    const unitPrice = priceOf(rule, environment)
    this.#lines.push({
      code,
      modifiers,
      units: Math.min(units, left),
      ...(service.minutes === undefined ? {} : { minutes: service.minutes }),
      ...(revenue === undefined ? {} : { revenue }),
      ...(place === undefined ? {} : { place }),
      ...(unitPrice === undefined ? {} : { unitPrice }),
      rule: canonical,
      service: at,
    })
    return true
  }

  #billed(): readonly EarlierLine[] {
    const { date, earlier = [] } = this.#facts
    return [...earlier, ...this.#lines.map((line) => ({ ...line, date }))]
  }

  /** Tells why nothing is billed: minutes that miss every band as one, by the lowest bound. */
  #explain(at: number, refusals: readonly { readonly rule: CodeRule; readonly refusal: Refusal }[]): void {
    const short = TIME_PROBLEMS.map((problem) =>
      refusals.filter(({ refusal }) => refusal.problem === problem),
    )
    const untimely = short.find((those) => those.length > 0)?.toSorted(byBound)[0]
    const told = untimely === undefined ? refusals : [untimely]
    for (const { rule, refusal } of told) this.#tell(at, refusal, rule.code.code)
  }

  #tell(
    service: number,
    { problem, why, denial }: Refusal,
    codes: string,
    severity: 'error' | 'warning' = 'error',
  ): void {
    this.#issues.push({
      severity,
      code: 'business-rule',
      diagnostics: `${codes}: ${why}`,
      problem,
      service,
      ...(denial === undefined ? {} : { denial }),
    })
  }
}

/** Of these one is told of all codes of a kind. */
const TIME_PROBLEMS = ['minutes-needed', 'below-minimum'] as const

interface TimeRefusal extends Refusal {
  readonly bound?: number
}

function timeRefusal({
  refused,
  bound,
}: {
  readonly refused: 'minutes-needed' | 'below-minimum' | 'above-maximum'
  readonly bound?: number
}): TimeRefusal {
  const why =
    refused === 'minutes-needed'
      ? 'it is billed by its minutes, and none were recorded'
      : `it takes ${refused === 'below-minimum' ? 'at least' : 'at most'} ${bound} minutes`
  return { problem: refused, why, ...(bound === undefined ? {} : { bound }) }
}

function byBound(one: { readonly refusal: TimeRefusal }, other: { readonly refusal: TimeRefusal }): number {
  return (one.refusal.bound ?? 0) - (other.refusal.bound ?? 0)
}

/** 0 for what stands alone, 2 for what is only an add-on, 1 for what may be either. */
function rankOf({ candidates, isCoded }: Open): number {
  const addOns = candidates.filter(
    ({ primaries, units }) =>
      primaries.length > 0 && (isCoded || units.every(({ basis }) => basis !== 'each-additional')),
  )
  if (addOns.length === 0) return 0
  return candidates.some(({ primaries }) => primaries.length === 0) ? 1 : 2
}

function hasCode(rule: ServiceRule): rule is CodeRule {
  return rule.code !== undefined
}

function requireSound({ date, services, earlier = [] }: ServiceFacts): void {
  for (const day of [date, ...earlier.map((line) => line.date)])
    if (day.length !== 10 || !isDate(day))
      throw new FhirError('invalid', 'A day of service must be written YYYY-MM-DD.')
  for (const [at, { minutes = 0, quantity = 1, codings }] of services.entries()) {
    if (!Number.isSafeInteger(minutes) || minutes < 0)
      throw new FhirError('invalid', `Minutes of service ${at + 1} must be a whole number, 0 or more.`)
    if (!Number.isSafeInteger(quantity) || quantity < 1)
      throw new FhirError('invalid', `The quantity of service ${at + 1} must be a whole number, 1 or more.`)
    if (new Set(codings.map(keyOf)).size !== codings.length || codings.length === 0)
      throw new FhirError('invalid', `Service ${at + 1} needs codings, each once.`)
  }
}
