// What is remembered of custom search parameters from one run of the server to the next.
import { createHash } from 'node:crypto'
import type { Resource } from '../fhir/index.ts'
import type { Store } from '../store/index.ts'

const SETTING = 'custom-search-parameters'

export interface ParameterRecord {
  /**
   * Of the SearchParameter when this was remembered. Another version now means that it may have been gone meanwhile,
   * and resources written without it.
   */
  readonly versionId: number
  /** Of what it says that extraction goes by. */
  readonly digest: string
  readonly state: 'indexing' | 'live'
}

/** How far a walk over the resources has come. */
export interface PassRecord {
  /** `id@versionId` of the SearchParameters that it is for, sorted. */
  readonly parameters: readonly string[]
  /** The type it is at: those sorted before are done, and of it those up to `after`. */
  readonly type: string
  readonly after: string
  /** Resources gone through. */
  readonly done: number
}

export interface ParameterRecords {
  /** By id. */
  readonly parameters: Readonly<Record<string, ParameterRecord>>
  readonly pass: PassRecord | undefined
}

/** Where it is damaged nothing is known, so that every custom parameter is indexed anew. */
export async function readRecords({ maintenance }: Store): Promise<ParameterRecords> {
  const text = await maintenance.getSetting(SETTING)
  return { parameters: {}, pass: undefined, ...(text === undefined ? undefined : recordsIn(text)) }
}

function recordsIn(text: string): Partial<ParameterRecords> | undefined {
  try {
    return JSON.parse(text) as Partial<ParameterRecords>
  } catch {
    return undefined
  }
}

export function writeRecords({ maintenance }: Store, records: ParameterRecords): Promise<void> {
  return maintenance.setSetting(SETTING, JSON.stringify(records))
}

/** `components`: the digests of custom parameters that a composite is made of. */
export function digestOf(resource: Resource, components: readonly string[]): string {
  const { url, code, type, base, target, expression, component } = resource
  return createHash('sha256')
    .update(JSON.stringify([url, code, type, base, target, expression, component, components]))
    .digest('base64url')
    .slice(0, 22)
}
