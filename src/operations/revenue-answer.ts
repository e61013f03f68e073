// Revenue as the Parameters that $revenue answers.
import {
  fhirMoney,
  REVENUE_AMOUNTS,
  type Figures,
  type Revenue,
  type RevenueGroup,
  type RevenueRow,
} from '../billing/index.ts'
import type { Resource } from '../fhir/index.ts'
import { count, group, parameters, text, type Parameter } from './answer-parameters.ts'

/** Of what cannot be read so many are named. */
const MOST_NAMED = 20

/** What the outside calls the amounts. */
const NAMES = { patient: 'patientResponsibility' } as const

export function revenueParameters(revenue: Revenue): Resource {
  const { asked, total, rows, unreadable } = revenue
  return parameters([
    { name: 'period', valuePeriod: { start: asked.start, end: asked.end } },
    { name: 'asOf', valueDate: asked.today },
    group('total', figureParts(total)),
    ...rows.map((row) =>
      group('row', [
        ...asked.groups.flatMap((of, at) => keyPart(of, row.keys[at], revenue)),
        ...figureParts(row.figures),
      ]),
    ),
    ...(unreadable.length === 0
      ? []
      : [
          group('unreadable', [
            count('count', unreadable.length),
            ...unreadable
              .slice(0, MOST_NAMED)
              .map((reference): Parameter => ({ name: 'claim', valueReference: { reference } })),
          ]),
        ]),
  ])
}

/** None for lines of no payer, clinician or code. */
function keyPart(
  of: RevenueGroup,
  key: RevenueRow['keys'][number],
  { names, codes }: Revenue,
): readonly Parameter[] {
  if (key === undefined) return []
  if (of === 'month') return [{ name: 'month', valueDate: key }]
  if (of === 'code') {
    const coding = codes.get(key)
    return coding === undefined ? [] : [{ name: 'code', valueCoding: { ...coding } }]
  }
  const display = names.get(key)
  return [{ name: of, valueReference: { reference: key, ...(display === undefined ? {} : { display }) } }]
}

function figureParts(figures: Figures): readonly Parameter[] {
  const { amounts, claims, paidClaims, deniedClaims, openClaims, daysToPayment, aging } = figures
  return [
    count('claims', claims),
    count('paidClaims', paidClaims),
    count('deniedClaims', deniedClaims),
    count('openClaims', openClaims),
    ...REVENUE_AMOUNTS.map(
      (name): Parameter => ({
        name: name === 'patient' ? NAMES.patient : name,
        valueMoney: fhirMoney(amounts[name]),
      }),
    ),
    ...(daysToPayment === undefined
      ? []
      : [
          group('daysToPayment', [
            count('claims', daysToPayment.claims),
            { name: 'median', valueDecimal: daysToPayment.median / 10 },
            { name: 'mean', valueDecimal: daysToPayment.mean / 10 },
          ]),
        ]),
    ...aging.map(({ age, open, claims: aged }) =>
      group('aging', [
        ...text('days', 'Code', age),
        count('claims', aged),
        { name: 'open', valueMoney: fhirMoney(open) },
      ]),
    ),
  ]
}
