// Reads how days of a stay or a program are counted, on which bill they stand, and which drug makes a week or a dose of it.
import {
  extensionPartsOf,
  type Faults,
  type FoundElement,
  type JsonObject,
  oneOfCodes,
} from '../../fhir/index.ts'
import {
  BILLS,
  type BillRule,
  type Census,
  type ConditionRule,
  COUNTINGS,
  type DrugRule,
  WEEKDAYS,
} from './program-rule.ts'

const CENSUS = {
  counts: 'code',
  dischargeDay: 'boolean',
  leave: 'Coding',
  withoutNote: 'boolean',
  withinMonth: 'boolean',
  startsOn: 'code',
} as const

/** At most one is allowed. */
export function readCensus(found: readonly FoundElement<JsonObject>[], faults: Faults): { census?: Census } {
  const [first, second] = found
  if (second !== undefined) faults.add(second.element, 'it may be there once', 'extension')
  if (first === undefined) return {}
  const parts = extensionPartsOf(first, CENSUS, faults)
  const counts = oneOfCodes(parts.one('counts'), COUNTINGS, faults)
  const startsOn = oneOfCodes(parts.one('startsOn'), WEEKDAYS, faults)
  const leave = parts.one('leave')?.value
  const census: Census = {
    counts: counts ?? 'attendance',
    dischargeDay: parts.one('dischargeDay')?.value ?? false,
    needsNote: !(parts.one('withoutNote')?.value ?? false),
    withinMonth: parts.one('withinMonth')?.value ?? false,
    ...(leave === undefined ? {} : { leave }),
    ...(startsOn === undefined ? {} : { startsOn }),
  }
  if (census.counts === 'attendance' && (census.dischargeDay || leave !== undefined))
    faults.add(first.element, `'dischargeDay' and 'leave' are of days counted at midnight`)
  return { census }
}

const BILL = { claim: 'code', class: 'string', level: 'Coding', facility: 'Coding' } as const

/** Type of bill without its last digit, which says how often: such as `086`. */
const BILL_CLASS = /^0[1-9]\d$/

export function readBill(found: FoundElement<JsonObject>, faults: Faults): readonly BillRule[] {
  const parts = extensionPartsOf(found, BILL, faults)
  const claim = oneOfCodes(parts.one('claim'), BILLS, faults)
  const billClass = parts.one('class')
  const level = parts.one('level')?.value
  if (claim === undefined) {
    if (parts.all('claim').length === 0) faults.add(found.element, `'claim' is needed`, 'required')
    return []
  }
  if ((claim === 'institutional') !== (billClass !== undefined))
    faults.add(found.element, `'class' is needed on an institutional claim, and on no other`)
  if (billClass !== undefined && !BILL_CLASS.test(billClass.value))
    faults.add(billClass.element, 'it must be the first three digits of a type of bill, such as 086')
  return [
    {
      claim,
      ...(billClass === undefined ? {} : { billClass: billClass.value }),
      ...(level === undefined ? {} : { level }),
      facilities: parts.all('facility').map(({ value }) => value),
    },
  ]
}

const CONDITION = { code: 'Coding', level: 'Coding' } as const

export function readConditionCode(found: FoundElement<JsonObject>, faults: Faults): readonly ConditionRule[] {
  const parts = extensionPartsOf(found, CONDITION, faults)
  const code = parts.one('code')?.value
  const level = parts.one('level')?.value
  if (code !== undefined) return [{ code, ...(level === undefined ? {} : { level }) }]
  faults.add(found.element, `'code' is needed`, 'required')
  return []
}

const DRUG = { drug: 'Coding', route: 'Coding', daysPerUnit: 'positiveInt' } as const

export function readDrug(found: FoundElement<JsonObject>, faults: Faults): readonly DrugRule[] {
  const parts = extensionPartsOf(found, DRUG, faults)
  const drugs = parts.all('drug').map(({ value }) => value)
  const daysPerUnit = parts.one('daysPerUnit')?.value
  if (drugs.length === 0) faults.add(found.element, `'drug' is needed`, 'required')
  return [
    {
      drugs,
      routes: parts.all('route').map(({ value }) => value),
      ...(daysPerUnit === undefined ? {} : { daysPerUnit }),
    },
  ]
}
