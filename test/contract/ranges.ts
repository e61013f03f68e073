// Contract: how dates, numbers and quantities compare, by each prefix (https://hl7.org/fhir/R4/search.html#prefix).
import {
  and,
  dateMatch,
  numberMatch,
  quantityMatch,
  type Comparator,
  type IndexEntry,
} from '../../src/store/index.ts'
import { compared, table } from './match-table.ts'
import type { OpenStore, Tester } from './world.ts'

export function rangesContract(t: Tester, open: OpenStore): void {
  dates(t, open)
  numbers(t, open)
  quantities(t, open)
}

const DAY = 86_400_000
const DAYS = Date.UTC(2026, 2, 1)

function dates(t: Tester, open: OpenStore): void {
  const at = (day: number) => (Number.isFinite(day) ? DAYS + day * DAY : day)
  const date = (low: number, high: number): IndexEntry => ({
    kind: 'date',
    param: 'date',
    low: at(low),
    high: at(high),
  })
  const on = (low: number, high: number) => (comparator: Comparator) =>
    dateMatch('date', { comparator, low: at(low), high: at(high) })
  table(
    t,
    open,
    'dates: nine comparators on ranges, closed and open',
    {
      before: [date(0, 10)],
      day: [date(10, 20)],
      part: [date(15, 16)],
      after: [date(20, 30)],
      long: [date(0, 30)],
      left: [date(5, 15)],
      right: [date(15, 25)],
      from: [date(15, Infinity)],
      until: [date(-Infinity, 15)],
      always: [date(-Infinity, Infinity)],
      later: [date(40, Infinity)],
      outer: [date(0, 10), date(20, 30)],
      none: [],
    },
    [
      ...compared('days 10 to 20', on(10, 20), {
        eq: 'day part',
        ne: 'before after long left right from until always later outer',
        gt: 'after long right from always later outer',
        lt: 'before long left until always outer',
        ge: 'day part after long right from always later outer',
        le: 'day part before long left until always outer',
        sa: 'after later outer',
        eb: 'before outer',
        ap: 'day part long left right from until always',
      }),
      ...compared('one day of many', on(15, 16), {
        eq: 'part',
        gt: 'day after long right from always later outer',
        lt: 'before day long left until always outer',
        sa: 'after later outer',
        eb: 'before left until outer',
        ap: 'part day long right from always',
      }),
      ...compared('before 1970', on(-30_000, -29_999), {
        eq: '',
        ne: 'before day part after long left right from until always later outer',
        lt: 'until always',
        gt: 'before day part after long left right from until always later outer',
        sa: 'before day part after long left right from later outer',
        eb: '',
        ap: 'until always',
      }),
      [
        'ge and lt, each by an entry of its own',
        and([on(20, 21)('ge'), on(10, 11)('lt')]),
        'long always outer',
      ],
    ],
  )
}

function numbers(t: Tester, open: OpenStore): void {
  const number = (value: number): IndexEntry => ({
    kind: 'number',
    param: 'probability',
    low: value,
    high: value,
  })
  const near = (low: number, high: number) => (comparator: Comparator) =>
    numberMatch('probability', { comparator, low, high })
  table(
    t,
    open,
    'numbers: within the written precision, or exactly',
    {
      low: [number(4.4)],
      edge: [number(4.5)],
      five: [number(5)],
      high: [number(5.5)],
      minus: [number(-5)],
      zero: [number(0)],
      tiny: [number(1e-300)],
      huge: [number(1e300)],
      sum: [number(0.1 + 0.2)],
      two: [number(1), number(9), number(1)],
    },
    [
      ...compared('5', near(4.5, 5.5), {
        eq: 'edge five',
        ap: 'edge five',
        ne: 'low high minus zero tiny huge sum two',
      }),
      ...compared('5 exactly', near(5, 5), {
        gt: 'high huge two',
        lt: 'low edge minus zero tiny sum two',
        ge: 'five high huge two',
        le: 'five low edge minus zero tiny sum two',
        sa: 'high huge two',
        eb: 'low edge minus zero tiny sum two',
      }),
      ...compared('0 exactly', near(0, 0), {
        gt: 'low edge five high tiny huge sum two',
        lt: 'minus',
        le: 'minus zero',
      }),
      ...compared('0.3 exactly', near(0.3, 0.3), { gt: 'low edge five high huge sum two' }),
    ],
  )
}

function quantities(t: Tester, open: OpenStore): void {
  const UCUM = 'http://unitsofmeasure.org'
  const quantity = (low: number, high: number, system: string, code: string, unit: string): IndexEntry => ({
    kind: 'quantity',
    param: 'value',
    low,
    high,
    system,
    code,
    unit,
  })
  const asked = (low: number, high: number, system?: string, code?: string) => (comparator: Comparator) =>
    quantityMatch('value', { comparator, low, high }, system, code)
  table(
    t,
    open,
    'quantities: value, system and unit',
    {
      mg: [quantity(5, 5, UCUM, 'mg', 'milligram')],
      bare: [quantity(5, 5, '', '', '')],
      unit: [quantity(5, 5, '', '', 'mg')],
      other: [quantity(5, 5, 'urn:units', 'mg', 'mg')],
      grams: [quantity(5, 5, UCUM, 'g', 'g')],
      more: [quantity(7, 7, UCUM, 'mg', 'mg')],
      mixed: [quantity(5, 5, UCUM, 'g', 'g'), quantity(7, 7, UCUM, 'mg', 'mg')],
    },
    [
      ['5', asked(4.5, 5.5)('eq'), 'mg bare unit other grams mixed'],
      ['5|ucum|mg', asked(4.5, 5.5, UCUM, 'mg')('eq'), 'mg'],
      ['5||mg: code or unit', asked(4.5, 5.5, undefined, 'mg')('eq'), 'mg unit other'],
      ['5||milligram: the unit', asked(4.5, 5.5, undefined, 'milligram')('eq'), 'mg'],
      ['with a system the unit does not count', asked(4.5, 5.5, UCUM, 'milligram')('eq'), ''],
      ['5 of a system', asked(4.5, 5.5, UCUM)('eq'), 'mg grams mixed'],
      ['gt 5|ucum|mg: value and unit of one entry', asked(5, 5, UCUM, 'mg')('gt'), 'more mixed'],
      ['lt 6|ucum|mg', asked(6, 6, UCUM, 'mg')('lt'), 'mg'],
      ['no system', asked(4.5, 5.5, '', undefined)('eq'), 'bare unit'],
      ['a unit that is not', asked(4.5, 5.5, undefined, 'kg')('eq'), ''],
    ],
  )
  table(
    t,
    open,
    'quantities: stored Ranges, closed and open',
    {
      point: [quantity(5, 5, UCUM, 'mg', 'mg')],
      inside: [quantity(4.6, 5.4, UCUM, 'mg', 'mg')],
      around: [quantity(2, 8, UCUM, 'mg', 'mg')],
      above: [quantity(6, 8, UCUM, 'mg', 'mg')],
      below: [quantity(1, 3, UCUM, 'mg', 'mg')],
      atLeast: [quantity(6, Infinity, UCUM, 'mg', 'mg')],
      atMost: [quantity(-Infinity, 3, UCUM, 'mg', 'mg')],
      reaches: [quantity(3, Infinity, UCUM, 'mg', 'mg')],
    },
    [
      ...compared('5', asked(4.5, 5.5, UCUM, 'mg'), {
        eq: 'point inside',
        ne: 'around above below atLeast atMost reaches',
        ap: 'point inside around reaches',
      }),
      ...compared('5 exactly', asked(5, 5, UCUM, 'mg'), {
        gt: 'inside around above atLeast reaches',
        lt: 'inside around below atMost reaches',
        ge: 'point inside around above atLeast reaches',
        le: 'point inside around below atMost reaches',
        sa: 'above atLeast',
        eb: 'below atMost',
      }),
    ],
  )
}
