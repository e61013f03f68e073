// Values under token parameters (https://hl7.org/fhir/R4/search.html#token).
import { isJsonObject, type Definitions, type JsonValue, type ValueSetCodes } from '../../fhir/index.ts'
import type { AddEntry, EntryMaker, ValueType } from './entry-maker.ts'

export function tokenEntryMaker(
  param: string,
  { type, valueSet }: ValueType,
  definitions: Definitions,
): EntryMaker | undefined {
  const add = (system: JsonValue | undefined, code: JsonValue | undefined, to: AddEntry) => {
    if (typeof code !== 'string' || code === '') return
    to({ kind: 'token', param, system: typeof system === 'string' ? system : '', code })
  }
  const coding = (value: JsonValue, to: AddEntry) => {
    if (isJsonObject(value)) add(value.system, value.code, to)
  }
  switch (type) {
    case 'Coding':
      return coding
    case 'CodeableConcept':
      return (value, to) => {
        if (isJsonObject(value) && Array.isArray(value.coding)) {
          for (const item of value.coding) coding(item, to)
        }
      }
    case 'Identifier':
      return (value, to) => {
        if (isJsonObject(value)) add(value.system, value.value, to)
      }
    case 'ContactPoint':
      // ContactPoint.system is no code system: R4 gives the value alone.
      return (value, to) => {
        if (isJsonObject(value)) add('', value.value, to)
      }
    case 'code': {
      // A code's system is that of its required value set; without one that R4 can enumerate it has none.
      const codes = valueSet === undefined ? undefined : definitions.codes(valueSet)
      const { systems } = codes ?? NO_CODES
      const [only = ''] = systems
      if (codes === undefined || systems.length < 2)
        return (value, to) => {
          if (typeof value === 'string') add(only, value, to)
        }
      return (value, to) => {
        if (typeof value === 'string') add(impliedSystem(codes, value), value, to)
      }
    }
    case 'boolean':
      return (value, to) => {
        if (typeof value === 'boolean') add('', String(value), to)
      }
    case 'string':
    case 'id':
    case 'uri':
    case 'url':
    case 'canonical':
    case 'oid':
    case 'uuid':
      return (value, to) => add('', value, to)
    default:
      return undefined
  }
}

const NO_CODES: Pick<ValueSetCodes, 'systems'> = Object.freeze({ systems: Object.freeze([]) })

/** '' when the code is of none, or of several systems of the value set. */
function impliedSystem(codes: ValueSetCodes, code: string): string {
  const [owner, ...more] = codes.systems.filter((system) => codes.has(system, code))
  return owner === undefined || more.length > 0 ? '' : owner
}
