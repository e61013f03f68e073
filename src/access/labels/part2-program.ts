// Whether an organization, a unit or a person is a program under 42 CFR Part 2, by the flag that they carry.
import { isJsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'

/**
 * valueBoolean true: a "Part 2 program" (42 CFR 2.11), whose records are all under 42 CFR Part 2. false says that it is
 * none, for a unit of one that is, such as the general wards of a hospital with an addiction unit.
 */
export const PART_2_PROGRAM = 'https://alcove.health/fhir/StructureDefinition/part2-program'

/** Who can be flagged. */
export const PROGRAM_TYPES: ReadonlySet<string> = new Set([
  'Organization',
  'HealthcareService',
  'Location',
  'PractitionerRole',
  'Practitioner',
])

/** True when the resource says of itself that it is one. */
export function isPart2Program(resource: Resource): boolean {
  return part2Flag(resource) === true
}

/** What the resource says of itself; undefined when it says nothing, so that what it belongs to decides. */
export function part2Flag({ resourceType, extension }: Resource): boolean | undefined {
  if (!PROGRAM_TYPES.has(resourceType)) return undefined
  const values = flags(extension)
  return values.length === 0 ? undefined : values.includes(true)
}

function flags(extension: JsonValue | undefined): readonly boolean[] {
  if (!Array.isArray(extension)) return []
  return extension.flatMap((it) =>
    isJsonObject(it) && it['url'] === PART_2_PROGRAM && typeof it['valueBoolean'] === 'boolean'
      ? [it['valueBoolean']]
      : [],
  )
}
