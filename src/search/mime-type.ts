// Mime types, of which those without parameters stand above those with (https://hl7.org/fhir/R4/search.html#mimetype).

const MIME_TYPES = 'http://hl7.org/fhir/ValueSet/mimetypes'

/** Whether values of this FHIR type and required value set are mime types. */
export function isMimeType(values: {
  readonly type: string
  readonly valueSet: string | undefined
}): boolean {
  return values.type === 'code' && values.valueSet === MIME_TYPES
}

/** In small letters, for case does not count, and without what follows a semicolon. */
export function mimeTypeAlone(text: string): string {
  return (text.split(';', 1)[0] as string).trim().toLowerCase()
}
