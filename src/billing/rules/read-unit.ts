// Reads how minutes or a quantity of a service become units, and refuses what contradicts itself.
import {
  extensionPartsOf,
  type Faults,
  type FoundElement,
  type JsonObject,
  oneOfCodes,
} from '../../fhir/index.ts'
import { ROUNDINGS, type ServiceUnit, UNIT_BASES, type UnitBasis } from './service-rule.ts'

const PARTS = {
  basis: 'code',
  minMinutes: 'positiveInt',
  maxMinutes: 'positiveInt',
  minutesPerUnit: 'positiveInt',
  startsAt: 'positiveInt',
  rounding: 'code',
  maxUnitsPerDay: 'positiveInt',
  aggregate: 'boolean',
} as const

/** What a basis cannot do without. */
const NEEDED: Readonly<Partial<Record<UnitBasis, readonly (keyof typeof PARTS)[]>>> = {
  'time-band': ['minMinutes', 'maxMinutes'],
  'time-minimum': ['minMinutes'],
  'month-minimum': ['minMinutes'],
  'each-additional': ['startsAt', 'minutesPerUnit'],
}

const QUARTER = 15

export function readUnit(
  found: FoundElement<JsonObject>,
  isOfOneCode: boolean,
  faults: Faults,
): ServiceUnit | undefined {
  const parts = extensionPartsOf(found, PARTS, faults)
  const basis = oneOfCodes(parts.one('basis'), UNIT_BASES, faults)
  if (basis === undefined) {
    if (parts.all('basis').length === 0) faults.add(found.element, `'basis' is needed`, 'required')
    return undefined
  }
  const rounding = oneOfCodes(parts.one('rounding'), ROUNDINGS, faults)
  const unit: ServiceUnit = {
    basis,
    ...given('minMinutes', parts.one('minMinutes')?.value),
    ...given('maxMinutes', parts.one('maxMinutes')?.value),
    ...given('minutesPerUnit', parts.one('minutesPerUnit')?.value ?? minutesOf(basis)),
    ...given('startsAt', parts.one('startsAt')?.value),
    ...given('rounding', rounding),
    ...given('maxUnitsPerDay', parts.one('maxUnitsPerDay')?.value),
    ...given('aggregate', parts.one('aggregate')?.value),
  }
  for (const name of isOfOneCode ? (NEEDED[basis] ?? []) : [])
    if (unit[name] === undefined) faults.add(found.element, `'${name}' is needed with ${basis}`, 'required')
  if (isOfOneCode && basis === 'minutes' && unit.minutesPerUnit === undefined)
    faults.add(found.element, `'minutesPerUnit' is needed with ${basis}`, 'required')
  if (minutesOf(basis) !== undefined && unit.minutesPerUnit !== minutesOf(basis))
    faults.add(found.element, `'minutesPerUnit' of ${basis} is ${minutesOf(basis)}`)
  if (unit.minMinutes !== undefined && unit.maxMinutes !== undefined && unit.minMinutes > unit.maxMinutes)
    faults.add(found.element, `'minMinutes' may not be above 'maxMinutes'`)
  if (rounding === 'eight-minute' && unit.minutesPerUnit !== QUARTER)
    faults.add(found.element, `eight-minute rounding is of units of ${QUARTER} minutes`)
  return unit
}

function minutesOf(basis: UnitBasis): number | undefined {
  if (basis === 'quarter-hour') return QUARTER
  return basis === 'hour' ? 60 : undefined
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]: Value })
}
