// For whom rules are asked: the payer by all its names, and the state where the service was given.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { keyOfResource } from '../../claims/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import type { Coding, PayerNames } from '../../rules/index.ts'

const COUNTRIES = 'urn:iso:std:iso:3166'
const STATES = 'urn:iso:std:iso:3166:-2'

export function payerNamesOf(payer: Resource, baseUrl: string): PayerNames {
  const key = keyOfResource(payer)
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`
  return {
    references: [key, `${base}${key}`],
    identifiers: objectsAt(payer, 'identifier').flatMap((one) => {
      const [system, value] = [textAt(one, 'system'), textAt(one, 'value')]
      return value === undefined ? [] : [{ value, ...(system === undefined ? {} : { system }) }]
    }),
  }
}

/** Of the first of these that has an address with a state. */
export function jurisdictionsOf(...places: readonly (Resource | undefined)[]): readonly Coding[] {
  for (const place of places) {
    const state = textAt(addressOf(place), 'state')?.toUpperCase()
    if (state !== undefined && /^[A-Z]{2}$/.test(state))
      return [
        { system: STATES, code: `US-${state}` },
        { system: COUNTRIES, code: 'US' },
      ]
  }
  return []
}

function addressOf(place: Resource | undefined): JsonObject | undefined {
  return objectAt(place, 'address') ?? objectsAt(place, 'address').find((one) => one['use'] !== 'old')
}
