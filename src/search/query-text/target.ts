// A search parameter as what values are compared with.
import type { SearchParameterDefinition } from '../../fhir/index.ts'
import { isPhonetic } from '../phonetic.ts'
import type { Registry } from '../registry.ts'
import type { ValueTarget } from './reading.ts'

/** @param name as written, for faults */
export function targetOf(
  name: string,
  definition: SearchParameterDefinition,
  registry: Registry,
): ValueTarget {
  const { base, code, type, targets } = definition
  return {
    name,
    param: code,
    base,
    code,
    type,
    phonetic: isPhonetic(definition),
    valueTypes: registry.valueTypes(base, code),
    targets,
  }
}
