// What a benefit of a 271 measures: amounts, percents, visits and other quantities, each as one value.
import { printShortest, quantityTimes, readMoney, type Money } from '../../money.ts'
import { deliveryText, type Delivery } from '../deliveries.ts'
import type { Benefit } from './answer.ts'
import type { MeasureKind } from './terms.ts'

export interface Measure {
  readonly kind: MeasureKind
  /** What is counted, where that is no money, percent or visit: EB09 or HSD01. */
  readonly qualifier?: string
  /** One of these three. */
  readonly amount?: Money
  readonly count?: string
  readonly text?: string
  /** Where it is not that of the benefit. */
  readonly period?: string
}

export function measuresOf({ amount, part, quantity, deliveries, period }: Benefit): readonly Measure[] {
  return [
    ...(amount === undefined ? [] : [{ kind: 'amount', amount } as const]),
    ...(part === undefined ? [] : [{ kind: 'part', count: percentOf(part) } as const]),
    ...(quantity === undefined ? [] : [{ ...counted(quantity.qualifier), count: quantity.value }]),
    ...deliveries.map((one) => deliveryMeasure(one, period)),
  ]
}

/** `20` of `0.2`. What is above 1 is taken for percent already, as payers who write 20 for 20 % mean it. */
function percentOf(part: string): string {
  const read = readMoney(part, 'percent')
  return read > readMoney('1', 'percent') ? part : printShortest(quantityTimes(read, '100', 'percent'))
}

function counted(qualifier: string): Pick<Measure, 'kind' | 'qualifier'> {
  return qualifier === 'VS' ? { kind: 'visits', qualifier } : { kind: 'other', qualifier }
}

/** A plain count of one period is a number; anything else is told in words. */
function deliveryMeasure(delivery: Delivery, period: string | undefined): Measure {
  const { qualifier, quantity, each, during } = delivery
  const kind = qualifier === undefined ? ({ kind: 'other' } as const) : counted(qualifier)
  const plain = quantity !== undefined && each === undefined && (during === undefined || during.count === '1')
  if (!plain || (during !== undefined && period !== undefined && during.period !== period))
    return { ...kind, text: deliveryText(delivery) || 'as told' }
  return { ...kind, count: quantity, ...(during === undefined ? {} : { period: during.period }) }
}
