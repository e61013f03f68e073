// Names and addresses of an 837, read.
import type { SetReader } from '../loops.ts'
import type { Segment } from '../segments.ts'
import { readDate } from '../values.ts'
import type { Address, Party, Person, Provider, ProviderRole } from './content.ts'

/** What an optional element holds; undefined, and no property, when it is absent. */
export function optional<K extends string>(key: K, text: string): { readonly [key in K]?: string } {
  return (text === '' ? {} : { [key]: text }) as { readonly [key in K]?: string }
}

interface PartyForm {
  /** NM108; a party without it may have no id. */
  readonly idQualifier?: string
  readonly idNeeded?: true
  /** N3 and N4 follow. */
  readonly address?: true
}

/** NM1 of `entity`, with what its form has. 400 for an id that is not of the form's qualifier. */
export function readParty(reader: SetReader, entity: string, form: PartyForm): Party {
  const name = reader.need('NM1', [entity])
  noMoreThan(name, form.idQualifier === undefined ? 7 : 9)
  nothingAt(name, 6)
  const hasId = form.idNeeded === true || name.at(8) !== '' || name.at(9) !== ''
  if (hasId) name.oneOf(8, [form.idQualifier ?? ''])
  const address = form.address === true ? readAddress(reader) : undefined
  return {
    person: name.oneOf(2, ['1', '2']) === '1',
    name: name.need(3),
    ...optional('first', name.at(4)),
    ...optional('middle', name.at(5)),
    ...optional('suffix', name.at(7)),
    ...(hasId ? { id: name.need(9) } : {}),
    ...(address === undefined ? {} : { address }),
  }
}

function readAddress(reader: SetReader): Address | undefined {
  const street = reader.take('N3')
  if (street === undefined) return undefined
  noMoreThan(street, 2)
  const city = reader.need('N4')
  noMoreThan(city, 4)
  return {
    lines: [street.need(1), street.at(2)].filter((line) => line !== ''),
    city: city.need(1),
    ...optional('state', city.at(2)),
    ...optional('postalCode', city.at(3)),
    ...optional('country', city.at(4)),
  }
}

/** As `readParty`, with DMG. */
export function readPerson(reader: SetReader, entity: string, form: PartyForm): Person {
  return { ...readParty(reader, entity, form), ...readDemographics(reader) }
}

/** DMG, if it stands here. */
export function readDemographics(reader: SetReader): Pick<Person, 'birthDate' | 'sex'> {
  const birth = reader.take('DMG', ['D8'])
  if (birth === undefined) return {}
  noMoreThan(birth, 3)
  const sex = birth.at(3) === '' ? undefined : birth.oneOf(3, ['F', 'M', 'U'])
  return { birthDate: readDate(birth, 2), ...(sex === undefined ? {} : { sex }) }
}

/** NM1 of a role, and its PRV where the role has one. */
export function readProvider(reader: SetReader, role: ProviderRole, specialty: string | undefined): Provider {
  const party = readParty(reader, role, { idQualifier: 'XX' })
  const told = specialty === undefined ? undefined : reader.take('PRV', [specialty])
  told?.oneOf(2, ['PXC'])
  return { ...party, ...optional('taxonomy', told?.need(3) ?? '') }
}

/** 400 for elements past `last`, which are not read. */
export function noMoreThan(segment: Segment, last: number): void {
  if (segment.length > last) throw segment.fault(last + 1, undefined, 'is not read here, and must be absent')
}

/** 400 for an element that is not read. */
export function nothingAt(segment: Segment, ...indices: readonly number[]): void {
  for (const index of indices)
    if (segment.at(index) !== '')
      throw segment.fault(index, undefined, 'is not read here, and must be absent')
}
