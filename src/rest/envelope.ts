// A posted Bundle apart from the resources in it, which the interactions of its entries check
// (https://hl7.org/fhir/R4/bundle.html#invs).
import { isJsonObject, type Issue, type JsonObject, type JsonValue } from '../fhir/index.ts'
import type { Repository } from '../repository/index.ts'

export interface EnvelopeFaults {
  /** Of the Bundle itself, which then cannot be carried out. */
  readonly ofBundle: readonly Issue[]
  /** Of single entries, by their place. */
  readonly ofEntry: ReadonlyMap<number, readonly Issue[]>
}

const ENTRY = /^Bundle\.entry\[(\d+)\]/
/** Stands for what the reader of entries refuses in words of its own. */
const ANY_REQUEST = Object.freeze({ method: 'GET', url: 'Patient' })

export function envelopeFaults(
  bundle: JsonObject,
  type: 'batch' | 'transaction',
  entries: readonly JsonValue[],
  repository: Repository,
): EnvelopeFaults {
  const objects = entries.filter(isJsonObject)
  const twice = sameFullUrls(objects, type)
  if (twice.length > 0) return { ofBundle: twice, ofEntry: new Map() }

  const { entry: _entry, ...head } = bundle
  const envelope = {
    ...head,
    resourceType: 'Bundle',
    ...(objects.length === 0 ? {} : { entry: objects.map(withoutResource) }),
  }
  const issues = repository.check(envelope).filter(({ severity }) => severity === 'error')
  const place = ({ expression = '' }: Issue): number => Number(ENTRY.exec(expression)?.[1] ?? -1)
  const ofEntry = Map.groupBy(issues, place)
  const ofBundle = ofEntry.get(-1) ?? []
  ofEntry.delete(-1)
  return { ofBundle, ofEntry }
}

/** bdl-7; within a transaction different versions do not help, for it would be open which entry a reference means. */
function sameFullUrls(entries: readonly JsonObject[], type: 'batch' | 'transaction'): readonly Issue[] {
  const taken = new Map<string, number>()
  const issues: Issue[] = []
  entries.forEach(({ fullUrl, resource }, index) => {
    if (typeof fullUrl !== 'string') return
    const key = type === 'transaction' ? fullUrl : `${fullUrl} ${versionOf(resource) ?? ''}`
    const earlier = taken.get(key)
    if (earlier === undefined) taken.set(key, index)
    else
      issues.push({
        severity: 'error',
        code: 'duplicate',
        diagnostics: `bdl-7: Bundle.entry[${earlier}] has the same fullUrl; each entry needs its own.`,
        expression: `Bundle.entry[${index}].fullUrl`,
      })
  })
  return issues
}

/** With the least of resources in the place of its own, but of the same version. */
function withoutResource(entry: JsonObject): JsonObject {
  const { resource, ...rest } = entry
  const versionId = versionOf(resource)
  return {
    ...rest,
    ...(isJsonObject(resource)
      ? {
          resource: {
            resourceType: 'Parameters',
            ...(versionId === undefined ? {} : { meta: { versionId } }),
          },
        }
      : {}),
    request: isJsonObject(entry.request) ? entry.request : { ...ANY_REQUEST },
  }
}

function versionOf(resource: JsonValue | undefined): string | undefined {
  const meta = isJsonObject(resource) ? resource.meta : undefined
  const versionId = isJsonObject(meta) ? meta.versionId : undefined
  return typeof versionId === 'string' ? versionId : undefined
}
