// What a charge has become: the parts of a bar, each told by how light it is and by its pattern, not by its colour.
import { element } from '../../../svg/index.ts'
import { NO_MONEY, subtractMoney, type Money } from '../../money.ts'
import type { Figures } from '../figures.ts'
import { BORDER, INK, PAPER } from './frame.ts'

export const PARTS = ['paid', 'patient', 'adjusted', 'denied', 'open'] as const
export type Part = (typeof PARTS)[number]

export const PART_WORDS: Readonly<Record<Part, string>> = {
  paid: 'paid',
  patient: 'the patient owes',
  adjusted: 'adjusted',
  denied: 'adjusted on denied lines',
  open: 'open',
}

const FILLS: Readonly<Record<Exclude<Part, 'denied'>, string>> = {
  paid: '#17365d',
  patient: '#6f93bd',
  adjusted: '#d3deeb',
  open: PAPER,
}

/** Less than nothing is not drawn. */
export function partsOf({ amounts, deniedAdjusted }: Figures): Readonly<Record<Part, Money>> {
  const shown = (money: Money): Money => (money > 0n ? money : NO_MONEY)
  return {
    paid: shown(amounts.paid),
    patient: shown(amounts.patient),
    adjusted: shown(subtractMoney(amounts.adjusted, deniedAdjusted)),
    denied: shown(deniedAdjusted),
    open: shown(amounts.open),
  }
}

/** The patterns that `partBox` refers to. @param mark so that several charts may stand in one page */
export function patterns(mark: string): string {
  const line = element('path', { d: 'M0 8L8 0M-2 2L2 -2M6 10L10 6', stroke: INK, 'stroke-width': 1.6 })
  const dot = element('circle', { cx: 3, cy: 3, r: 0.9, fill: INK })
  const pattern = (part: Part, size: number, drawn: string): string =>
    element(
      'pattern',
      { id: `revenue-${part}-${mark}`, width: size, height: size, patternUnits: 'userSpaceOnUse' },
      element('rect', { width: size, height: size, fill: PAPER }),
      drawn,
    )
  return element('defs', {}, pattern('denied', 8, line), pattern('open', 6, dot))
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function partBox(part: Part, box: Box, mark: string): string {
  const isPattern = part === 'denied' || part === 'open'
  return element('rect', {
    ...box,
    fill: isPattern ? `url(#revenue-${part}-${mark})` : FILLS[part],
    stroke: BORDER,
    'stroke-width': 0.75,
    'data-part': part,
  })
}
