// FHIR's patients, practitioners, organizations and locations, as an 837 names them.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { x12Code, x12Text } from '../characters.ts'
import { required, unwritable } from '../fault.ts'
import { SYSTEMS } from '../../systems.ts'
import type { Address, Party, Person, Provider } from './content.ts'
import { codeIn, identifierIn, objectAt, objectsAt, textAt, textsAt } from '../../elements.ts'

/** A Practitioner, Organization, Location, Patient or RelatedPerson with its name and address; no id. */
export function partyOf(resource: Resource, withAddress: boolean): Party {
  const type = resource.resourceType
  const address = withAddress ? addressOf(resource, type) : undefined
  const told = address === undefined ? {} : { address }
  if (type === 'Organization' || type === 'Location') {
    const name = required(textAt(resource, 'name'), `${type}.name`, 'is required')
    return { person: false, name: x12Text(name, 60, `${type}.name`), ...told }
  }
  const names = objectsAt(resource, 'name')
  const name = names.find((one) => one.use === 'official') ?? names.find((one) => one.use !== 'old')
  const family = required(textAt(name, 'family'), `${type}.name.family`, 'is required')
  const [first, ...middle] = textsAt(name, 'given')
  return {
    person: true,
    name: x12Text(family, 60, `${type}.name.family`),
    ...(first === undefined ? {} : { first: x12Text(first, 35, `${type}.name.given`) }),
    ...(middle.length === 0 ? {} : { middle: x12Text(middle.join(' '), 25, `${type}.name.given`) }),
    ...(textsAt(name, 'suffix').length === 0
      ? {}
      : { suffix: x12Text(textsAt(name, 'suffix').join(' '), 10, `${type}.name.suffix`) }),
    ...told,
  }
}

function addressOf(resource: Resource, type: string): Address | undefined {
  const all = objectsAt(resource, 'address')
  const given = objectAt(resource, 'address') ?? all.find((one) => one.use !== 'old')
  if (given === undefined) return undefined
  const at = (element: string) => `${type}.address.${element}`
  const lines = textsAt(given, 'line').map((line) => x12Text(line, 55, at('line')))
  if (lines.length < 1 || lines.length > 2) throw unwritable(at('line'), 'must be one line or two')
  const [state, zip, country] = [
    textAt(given, 'state'),
    textAt(given, 'postalCode'),
    textAt(given, 'country')?.toUpperCase(),
  ]
  const abroad = country !== undefined && !['US', 'USA', 'UNITED STATES'].includes(country)
  if (abroad && !/^[A-Z]{2}$/.test(country)) throw unwritable(at('country'), 'must be a code of two letters')
  if (!abroad && !/^[A-Za-z]{2}$/.test(state ?? ''))
    throw unwritable(at('state'), 'must be a code of two letters')
  const digits = zip?.replace(/[ -]/g, '')
  if (!abroad && !/^(\d{5}|\d{9})$/.test(digits ?? ''))
    throw unwritable(at('postalCode'), 'must have five digits, or nine')
  return {
    lines,
    city: cityOf(given, at('city')),
    ...(state === undefined ? {} : { state: x12Text(state, 2, at('state')) }),
    ...(digits === undefined ? {} : { postalCode: x12Code(digits, 15, at('postalCode')) }),
    ...(abroad ? { country } : {}),
  }
}

function cityOf(address: JsonObject, expression: string): string {
  const city = x12Text(required(textAt(address, 'city'), expression, 'is required'), 30, expression)
  if (city.length < 2) throw unwritable(expression, 'must have two characters at least')
  return city
}

/** As `partyOf`, with birth date and sex. */
export function personOf(resource: Resource, withAddress: boolean): Person {
  const party = partyOf(resource, withAddress)
  const birthDate = textAt(resource, 'birthDate')
  if (birthDate === undefined) return party
  if (birthDate.length !== 10) throw unwritable(`${resource.resourceType}.birthDate`, 'must name a whole day')
  const sex = resource.gender === 'female' ? 'F' : resource.gender === 'male' ? 'M' : 'U'
  return { ...party, birthDate, sex }
}

/** As `partyOf`, with the NPI. */
export function withNpi(resource: Resource, party: Party): Party {
  const npi = identifierIn(resource, SYSTEMS.npi)
  if (npi === undefined) return party
  const expression = `${resource.resourceType}.identifier`
  if (!/^\d{10}$/.test(npi)) throw unwritable(expression, 'must be an NPI of ten digits')
  return { ...party, id: npi }
}

/** A provider with NPI; the taxonomy is the given one, else what the resource says of itself. */
export function providerOf(resource: Resource, withAddress: boolean, taxonomy?: string): Provider {
  const own = taxonomy ?? taxonomyOf(resource)
  const party = withNpi(resource, partyOf(resource, withAddress))
  return own === undefined
    ? party
    : { ...party, taxonomy: x12Code(own, 50, `${resource.resourceType}.qualification`) }
}

function taxonomyOf(resource: Resource): string | undefined {
  const concepts: (JsonObject | undefined)[] = [
    ...objectsAt(resource, 'type'),
    ...objectsAt(resource, 'qualification').map((one) => objectAt(one, 'code')),
    ...objectsAt(resource, 'extension').map((one) => objectAt(one, 'valueCodeableConcept')),
  ]
  for (const concept of concepts) {
    const code = codeIn(concept, SYSTEMS.nucc)
    if (code !== undefined) return code
  }
  return undefined
}
