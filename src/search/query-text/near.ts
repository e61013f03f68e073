// Places near another (https://hl7.org/fhir/R4/location.html#positional): `latitude|longitude|distance|units`.
import { nearMatch, type Expression } from '../../store/index.ts'
import { canonicalQuantity } from '../ucum.ts'
import { splitUnescaped, unescaped } from './escapes.ts'
import type { ValueTarget } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'

/** What R4 leaves to the server: how far near is, when nobody says. */
export const DEFAULT_KILOMETERS = 50

const NUMBER = /^[+-]?[0-9]{1,20}(?:\.[0-9]{1,40})?$/
const METERS_A_KILOMETER = 1000

export function nearExpression({ name, param }: ValueTarget, text: string): Expression {
  const parts = splitUnescaped(text, '|').map((part) => unescaped(part).trim())
  const [latitude = '', longitude = '', distance = '', unit = ''] = parts
  const wrong = (reason: string) =>
    new SearchFault(
      name,
      'value',
      `${quoted(text)} ${reason}. Right would be [latitude]|[longitude]|[distance]|[units], such as 42.25|-83.69|11.2|km.`,
    )
  if (parts.length < 2 || parts.length > 4) throw wrong('is not a place')
  if (!NUMBER.test(latitude) || Math.abs(Number(latitude)) > 90)
    throw wrong(`has ${quoted(latitude)} for a latitude, which is from -90 to 90 degrees`)
  if (!NUMBER.test(longitude) || Math.abs(Number(longitude)) > 180)
    throw wrong(`has ${quoted(longitude)} for a longitude, which is from -180 to 180 degrees`)
  if (distance === '' && unit !== '') throw wrong('has units of no distance')
  if (distance !== '' && (!NUMBER.test(distance) || Number(distance) < 0))
    throw wrong(`has ${quoted(distance)} for a distance`)
  const kilometers =
    distance === '' ? DEFAULT_KILOMETERS : kilometersOf(Number(distance), unit === '' ? 'km' : unit)
  if (kilometers === undefined)
    throw wrong(`has ${quoted(unit)} for units, which is no length of UCUM; a mile is [mi_i]`)
  return nearMatch(param, { latitude: Number(latitude), longitude: Number(longitude) }, kilometers)
}

function kilometersOf(distance: number, unit: string): number | undefined {
  if (unit === 'km') return distance
  const meters = canonicalQuantity(distance, unit)
  return meters?.code === 'm' ? meters.value / METERS_A_KILOMETER : undefined
}
