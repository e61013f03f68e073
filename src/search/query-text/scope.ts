// Where a search looks: one type, all of them, or a compartment (https://hl7.org/fhir/R4/search.html#searching).
import type { Definitions } from '../../fhir/index.ts'

export type CompartmentCode = Parameters<Definitions['compartment']>[0]

export type SearchScope =
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'system' }
  | {
      readonly kind: 'compartment'
      readonly compartment: CompartmentCode
      readonly id: string
      /** `*`: every type of the compartment. */
      readonly type: string
    }
