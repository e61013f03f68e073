// An extension says either a value or further extensions (https://hl7.org/fhir/R4/extensibility.html#Extension).
import type { JsonObject } from '../../fhir/index.ts'
import type { Report } from './report.ts'

export function checkExtension(extension: JsonObject, report: Report): void {
  let value = false
  for (const key in extension) {
    if (key.startsWith('value') || key.startsWith('_value')) value = true
  }
  const nested = extension['extension'] !== undefined
  if (value !== nested) return
  report.add(
    'error',
    'invariant',
    `ext-1: An extension must have either a value[x] or extensions, ${value ? 'not both' : 'and has neither'}.`,
  )
}
