// Values under reference parameters (https://hl7.org/fhir/R4/search.html#reference).
import { isJsonObject, parseReference, type JsonValue } from '../../fhir/index.ts'
import type { AddEntry, EntryMaker } from './entry-maker.ts'

/** A reference to one version of a resource elsewhere is one to the resource. */
const HISTORY = /\/_history\/[A-Za-z0-9\-.]{1,64}$/

export function referenceEntryMaker(
  param: string,
  type: string,
  targets: readonly string[],
  baseUrl: string,
): EntryMaker | undefined {
  switch (type) {
    case 'Reference':
      return (value, add) => {
        if (isJsonObject(value)) addReference(param, value.reference, baseUrl, add)
      }
    case 'canonical':
    case 'uri':
      return (value, add) => addCanonical(param, value, baseUrl, add)
    case 'Resource':
      // A resource inside this one, as in a document: found as if it were referred to.
      return (value, add) => {
        if (!isJsonObject(value)) return
        const { resourceType, id } = value
        if (typeof resourceType === 'string' && typeof id === 'string' && targets.includes(resourceType)) {
          add({ kind: 'reference', param, target: { kind: 'local', type: resourceType, id } })
        }
      }
    default:
      return undefined
  }
}

/** urns and searches point to nothing that can be asked for, nor does an identifier alone. */
function addReference(param: string, reference: JsonValue | undefined, baseUrl: string, add: AddEntry): void {
  if (typeof reference !== 'string') return
  const parsed = parseReference(reference, baseUrl)
  if (parsed.kind === 'local') {
    add({ kind: 'reference', param, target: { kind: 'local', type: parsed.type, id: parsed.id } })
  } else if (parsed.kind === 'absolute') {
    const url = parsed.url.replace(HISTORY, '')
    add({ kind: 'reference', param, target: { kind: 'url', url, version: undefined } })
  } else if (parsed.kind === 'fragment') addContained(param, parsed.id, add)
}

/** `#` alone is the resource itself, or what contains it. */
function addContained(param: string, id: string, add: AddEntry): void {
  if (id !== '') add({ kind: 'reference', param, target: { kind: 'contained', id } })
}

/** A canonical may also be the address of a resource here; then both find it. */
function addCanonical(param: string, canonical: JsonValue, baseUrl: string, add: AddEntry): void {
  if (typeof canonical !== 'string') return
  const parsed = parseReference(canonical, baseUrl)
  if (parsed.kind === 'fragment') return addContained(param, parsed.id, add)
  if (parsed.kind === 'local') {
    add({ kind: 'reference', param, target: { kind: 'local', type: parsed.type, id: parsed.id } })
  }
  const bar = canonical.indexOf('|')
  const url = bar < 0 ? canonical : canonical.slice(0, bar)
  const version = bar < 0 ? undefined : canonical.slice(bar + 1)
  if (url !== '') {
    add({ kind: 'reference', param, target: { kind: 'url', url, version } })
  }
}
