// If-Match, If-None-Match, If-Modified-Since (https://hl7.org/fhir/R4/http.html#concurrency, #cread; RFC 9110 section 13).
import { FhirError } from '../fhir/index.ts'
import type { IfMatch } from '../repository/index.ts'
import type { StoredVersion } from '../store/index.ts'
import type { RestHeaders } from './request.ts'

const ETAGS = /^\s*(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*\s*$/

/** @throws FhirError `malformed` */
export function readIfMatch(text: string | undefined): IfMatch | undefined {
  return text === undefined ? undefined : readEtags('If-Match', text)
}

/** On an update only `*` has a meaning: not when the resource is there already. @throws FhirError `malformed` */
export function readIfNoneMatchOfUpdate(text: string | undefined): '*' | undefined {
  if (text === undefined) return undefined
  if (text.trim() === '*') return '*'
  throw malformed('If-None-Match', 'on an update it can only be *')
}

/**
 * Whether the client already has this version. If-None-Match, where given, decides alone.
 * @throws FhirError `malformed`
 */
export function isNotModified(
  { ifNoneMatch, ifModifiedSince }: RestHeaders,
  version: StoredVersion,
): boolean {
  if (ifNoneMatch !== undefined) return hasTag(ifNoneMatch, String(version.versionId))
  // HTTP's dates have whole seconds.
  return ifModifiedSince !== undefined && Math.floor(version.lastUpdated / 1000) * 1000 <= ifModifiedSince
}

/** Whether If-None-Match names this tag, as it stands between the quotes. @throws FhirError `malformed` */
export function hasTag(ifNoneMatch: string, tag: string): boolean {
  const etags = readEtags('If-None-Match', ifNoneMatch)
  return etags === '*' || etags.versions.includes(tag)
}

function readEtags(header: string, text: string): IfMatch {
  if (text.trim() === '*') return '*'
  if (!ETAGS.test(text)) throw malformed(header, 'it must be * or a list of ETags such as W/"3"')
  return { versions: Array.from(text.matchAll(/"([^"]*)"/g), ([, version]) => version as string) }
}

function malformed(header: string, rule: string): FhirError {
  return new FhirError('malformed', [
    {
      severity: 'error',
      code: 'value',
      diagnostics: `${header} cannot be read: ${rule}.`,
      expression: `http.${header.toLowerCase()}`,
    },
  ])
}
