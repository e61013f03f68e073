// One search parameter for one type, as the generated table holds it.
import type { SearchParameterType } from '../fhir/index.ts'
import type { Program } from './steps.ts'

export type Row = readonly [
  code: string,
  type: SearchParameterType,
  /** Of the canonical URL http://hl7.org/fhir/SearchParameter/[id]. */
  id: string,
  expression: string,
  program: Program,
  description: string,
  /** `*`: every resource type but Parameters. */
  targets: '*' | readonly string[],
  /** `definition`: an id as above. Programs from each element of `program`. */
  components: readonly (readonly [definition: string, expression: string, program: Program])[],
]
