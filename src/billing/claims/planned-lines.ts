// Lines of rules as lines of a claim: with prices, pointers and who rendered them.
import { FhirError, type Issue, type JsonObject } from '../../fhir/index.ts'
import { moneyAt, type Money, quantityTimesToTheCent } from '../money.ts'
import type { ServiceLine } from '../rules/index.ts'
import type { ClaimType, PlannedLine } from './claim-plan.ts'
import { problem } from './problems.ts'

/** A line has room for no more pointers. */
export const MOST_POINTERS = 4
/** Claims are in dollars: an 837 names no currency. */
const CURRENCY = 'USD'

export interface LinesAsked {
  readonly lines: readonly ServiceLine[]
  readonly type: ClaimType
  readonly date: string
  /** `Encounter/id` of what is billed. */
  readonly encounters: readonly string[]
  /** How many the claim has. */
  readonly diagnoses: number
  /** FHIRPath of what tells of a line's service. */
  readonly elementOf: (line: ServiceLine) => string
}

export interface PlannedLines {
  readonly lines: readonly PlannedLine[]
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

/** Each points to the first four diagnoses, and to the first of the care team. */
export function planLines(asked: LinesAsked): PlannedLines {
  const { lines, type, date, encounters, diagnoses } = asked
  const refusals: Issue[] = []
  const planned = lines.flatMap((line): PlannedLine[] => {
    refusals.push(...fitting(line, asked))
    const unitPrice = unitPriceOf(line, refusals)
    if (unitPrice === undefined) return []
    return [
      {
        line,
        date,
        unitPrice,
        net: quantityTimesToTheCent(
          unitPrice,
          String(line.units),
          'ChargeItemDefinition.propertyGroup.priceComponent',
        ),
        encounters,
        diagnoses: Array.from({ length: Math.min(diagnoses, MOST_POINTERS) }, (_, at) => at + 1),
        careTeam: [1],
        unit: 'UN',
      },
    ]
  })
  return {
    lines: planned,
    refusals,
    warnings:
      diagnoses > MOST_POINTERS && type === 'professional'
        ? [
            problem(
              'pointers-left-out',
              'Encounter.diagnosis',
              `A line points to ${MOST_POINTERS} diagnoses: to the first ${MOST_POINTERS} of ${diagnoses}.`,
              'warning',
            ),
          ]
        : [],
  }
}

/** What the type of claim needs of a line. */
function fitting(line: ServiceLine, { type, elementOf }: LinesAsked): readonly Issue[] {
  if (type === 'professional' && line.place === undefined)
    return [
      problem(
        'place-missing',
        'Encounter.location',
        `${line.code.code} needs a place of service: a Location whose type has one, or a rule that gives it.`,
      ),
    ]
  if (type === 'institutional' && line.revenue === undefined)
    return [
      problem(
        'claim-type-unfit',
        elementOf(line),
        `${line.code.code} has no revenue code by the rule ${line.rule}: name the level of care for which it has one beside the kind, or give the rule one.`,
      ),
    ]
  return []
}

function unitPriceOf({ unitPrice, rule, code }: ServiceLine, refusals: Issue[]): Money | undefined {
  const element = 'ChargeItemDefinition.propertyGroup.priceComponent'
  if (unitPrice === undefined) {
    refusals.push(
      problem(
        'price-missing',
        element,
        `${code.code}: no price; put one into the ChargeItemDefinition ${rule}.`,
      ),
    )
    return undefined
  }
  try {
    return priceIn(unitPrice, element)
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    refusals.push(
      problem(
        'price-unusable',
        `${element}.amount`,
        `The price of ${rule} must be in ${CURRENCY}, with four decimals at most.`,
      ),
    )
    return undefined
  }
}

function priceIn(amount: JsonObject, element: string): Money {
  const { currency } = amount
  if (currency !== undefined && currency !== CURRENCY)
    throw new FhirError('business-rule', `A price must be in ${CURRENCY}.`)
  return moneyAt(amount, 'value', element)
}
