// For whom rules are asked: the payer by all its names.
import type { Resource } from '../../../fhir/index.ts'
import { keyOfResource } from '../../claims/index.ts'
import { objectsAt, textAt } from '../../elements.ts'
import type { PayerNames } from '../../rules/index.ts'

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
