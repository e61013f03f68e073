// What terminology is stored on this server and visible to a caller, found by canonical URL or id.
import { parseJson, type Resource } from '../../fhir/index.ts'
import type { StoredVersion } from '../../store/index.ts'
import { readCodeSystem, type CodeSystem } from './code-system.ts'
import { readValueSet, type ValueSet } from './value-set.ts'

/** Bound to a caller: what they may not see is not there. */
export interface StoredTerminology {
  /** The current versions of all that have this canonical URL, deleted ones aside. */
  byUrl(type: 'CodeSystem' | 'ValueSet', url: string): Promise<readonly StoredVersion[]>
  /** undefined when there is none, or it is deleted. */
  byId(type: 'CodeSystem' | 'ValueSet', id: string): Promise<StoredVersion | undefined>
}

/** Codes in all resources kept at a time; the least recently used go first. */
const MOST_CODES = 300_000

interface Kept {
  readonly value: CodeSystem | ValueSet | undefined
  readonly codes: number
}

/** Reads stored resources once a version, whoever asks. What has changed has another version, and so another key. */
export class ReadingCache {
  readonly #kept = new Map<string, Kept>()
  #codes = 0

  codeSystem(version: StoredVersion): CodeSystem | undefined {
    return this.#read(version, () => {
      const value = readCodeSystem(resourceOf(version))
      return { value, codes: value?.concepts.size ?? 0 }
    }) as CodeSystem | undefined
  }

  valueSet(version: StoredVersion): ValueSet {
    return this.#read(version, () => {
      const value = readValueSet(resourceOf(version))
      const parts = [...(value.compose?.include ?? []), ...(value.compose?.exclude ?? [])]
      const listed = parts.reduce((sum, { concept }) => sum + (concept?.length ?? 0), 0)
      return { value, codes: listed + (value.expansion?.length ?? 0) }
    }) as ValueSet
  }

  #read({ type, id, versionId, lastUpdated }: StoredVersion, read: () => Kept): Kept['value'] {
    const key = `${type}/${id}/${versionId}/${lastUpdated}`
    let kept = this.#kept.get(key)
    if (kept !== undefined) this.#kept.delete(key)
    else {
      kept = read()
      this.#codes += kept.codes + 1
    }
    this.#kept.set(key, kept)
    for (const [oldest, { codes }] of this.#kept) {
      if (this.#codes <= MOST_CODES || oldest === key) break
      this.#kept.delete(oldest)
      this.#codes -= codes + 1
    }
    return kept.value
  }
}

function resourceOf({ body }: StoredVersion): Resource {
  return parseJson(body as Buffer) as Resource
}
