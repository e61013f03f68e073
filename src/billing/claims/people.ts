// Who has which numbers: NPIs and taxonomies as claims need them.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { identifierIn, objectAt, objectsAt, textAt } from '../elements.ts'
import type { Coding } from '../rules/index.ts'
import { SYSTEMS } from '../systems.ts'

/** What stands before the ten digits of an NPI where they are checked (45 CFR 162.406; ISO 7812). */
const BEFORE_NPI = '80840'

/** Whether these are the ten digits of a National Provider Identifier, the last of which checks the others. */
export function isNpi(text: string): boolean {
  if (!/^[12]\d{9}$/.test(text)) return false
  let sum = 0
  for (const [at, digit] of [...`${BEFORE_NPI}${text}`].toReversed().entries()) {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** What is wrong with its NPI, in words; undefined when nothing is. */
export function npiFaultOf(resource: Resource): string | undefined {
  const npi = identifierIn(resource, SYSTEMS.npi)
  if (npi === undefined) return `it has no identifier of ${SYSTEMS.npi}`
  return isNpi(npi) ? undefined : 'its NPI is not ten digits of which the last checks the others'
}

/** Of PractitionerRole.specialty, Practitioner.qualification and Organization.type, in that order, each once. */
export function taxonomiesOf(...resources: readonly Resource[]): readonly Coding[] {
  const concepts = resources.flatMap((resource) => [
    ...objectsAt(resource, 'specialty'),
    ...objectsAt(resource, 'qualification').map((one) => objectAt(one, 'code')),
    ...(resource.resourceType === 'Organization' ? objectsAt(resource, 'type') : []),
  ])
  const found = new Map<string, Coding>()
  for (const concept of concepts)
    for (const { system, code } of codingsOf(concept))
      if (system === SYSTEMS.nucc) found.set(code, { system, code })
  return [...found.values()]
}

/** The first code of a qualification that is no taxonomy, such as a degree. */
export function providerLevelOf(person: Resource): string | undefined {
  return objectsAt(person, 'qualification')
    .flatMap((one) => codingsOf(objectAt(one, 'code')))
    .find(({ system }) => system !== SYSTEMS.nucc)?.code
}

/** Codings that have a code. */
export function codingsOf(concept: JsonObject | undefined): readonly Coding[] {
  return objectsAt(concept, 'coding').flatMap((coding) => codingOf(coding) ?? [])
}

export function codingOf(coding: JsonObject | undefined): Coding | undefined {
  const [code, system, display] = [
    textAt(coding, 'code'),
    textAt(coding, 'system'),
    textAt(coding, 'display'),
  ]
  if (code === undefined) return undefined
  return {
    ...(system === undefined ? {} : { system }),
    code,
    ...(display === undefined ? {} : { display }),
  }
}
