// Parameters as an operation answers them (https://hl7.org/fhir/R4/parameters.html).
import type { JsonObject, Resource } from '../fhir/index.ts'
import type { SecurityLabel } from '../store/index.ts'
import { displayOf } from './label-displays.ts'

export type Parameter = JsonObject & { readonly name: string }

export function parameters(list: readonly Parameter[]): Resource {
  return { resourceType: 'Parameters', parameter: [...list] }
}

export function group(name: string, parts: readonly Parameter[]): Parameter {
  return { name, part: [...parts] }
}

/** None for a text that is not there, since R4 has no empty strings. */
export function text(
  name: string,
  type: 'String' | 'Code' | 'Canonical',
  value: string | undefined,
): readonly Parameter[] {
  return value === undefined || value === '' ? [] : [{ name, [`value${type}`]: value }]
}

export function count(name: string, value: number): Parameter {
  return { name, valueUnsignedInt: value }
}

/** A label with HL7's words for it. */
export function coding(name: string, label: SecurityLabel): Parameter {
  const { system, code } = label
  const display = displayOf(label)
  return { name, valueCoding: { system, code, ...(display === undefined ? {} : { display }) } }
}
