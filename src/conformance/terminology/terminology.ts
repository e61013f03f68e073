// The codes of a ValueSet, and those above and below a code, by what is stored here and by R4's own definitions.
import { FhirError } from '../../fhir/index.ts'
import type { CodeSet } from '../../store/index.ts'
import { newestOf, splitCanonical, type Versioned } from './canonical.ts'
import { requireHierarchy } from './code-filter.ts'
import { keyOf, reachable, type CodeSystem } from './code-system.ts'
import { loadCoreTerminology, type CoreTerminology } from './core-terminology.ts'
import { Expansion } from './expansion.ts'
import { codeSetsOf, spellings, Undecidable } from './members.ts'
import { ReadingCache, type StoredTerminology } from './stored.ts'
import type { ValueSet } from './value-set.ts'

export interface Terminology {
  /**
   * The codes of a ValueSet named by its canonical URL, perhaps with `|version`, or as `ValueSet/[id]`.
   * @throws FhirError `invalid-search` when it is not known or its codes cannot be told, `too-costly`
   */
  codesIn(valueSet: string, stored: StoredTerminology): Promise<readonly CodeSet[]>
  /**
   * The code itself and those above or below it in its system's hierarchy.
   * @throws FhirError `invalid-search` when the system or the code is not known, or not all of the system is here
   */
  codesBy(
    direction: 'above' | 'below',
    system: string,
    code: string,
    stored: StoredTerminology,
  ): Promise<readonly string[]>
}

/** Finds by canonical URL for one caller. */
export interface TerminologyFinder {
  codeSystem(url: string, version: string | undefined): Promise<CodeSystem | undefined>
  valueSet(url: string, version: string | undefined): Promise<ValueSet | undefined>
}

export function createTerminology(): Terminology {
  const cache = new ReadingCache()
  let loading: Promise<CoreTerminology> | undefined
  const core = (): Promise<CoreTerminology> => (loading ??= loadCoreTerminology())

  const finderFor = (stored: StoredTerminology): TerminologyFinder => ({
    async codeSystem(url, version) {
      const found = (await stored.byUrl('CodeSystem', url)).flatMap((it) => cache.codeSystem(it) ?? [])
      return (
        newestOf(found.filter((it) => isVersion(it, version))) ??
        ofVersion(await core(), 'codeSystem', url, version)
      )
    },
    async valueSet(url, version) {
      const found = (await stored.byUrl('ValueSet', url)).map((it) => cache.valueSet(it))
      return (
        newestOf(found.filter((it) => isVersion(it, version))) ??
        ofVersion(await core(), 'valueSet', url, version)
      )
    },
  })

  return {
    async codesIn(named, stored) {
      const finder = finderFor(stored)
      const byId = /^ValueSet\/([^/]+)$/.exec(named)?.[1]
      let valueSet: ValueSet | undefined
      if (byId === undefined) {
        const { url, version } = splitCanonical(named)
        valueSet = await finder.valueSet(url, version)
      } else {
        const found = await stored.byId('ValueSet', byId)
        valueSet = found && cache.valueSet(found)
      }
      if (valueSet === undefined)
        throw new FhirError(
          'invalid-search',
          `The value set ${named} is not known here: it is neither stored on this server nor one of R4's own.`,
        )
      try {
        return codeSetsOf(await new Expansion(finder).membersOf(valueSet))
      } catch (error) {
        if (!(error instanceof Undecidable)) throw error
        throw new FhirError('invalid-search', `The codes of ${named} cannot be told here. ${error.message}`)
      }
    },

    async codesBy(direction, system, code, stored) {
      const known = await finderFor(stored).codeSystem(system, undefined)
      if (known === undefined)
        throw new FhirError(
          'invalid-search',
          `The code system ${system} is not known here, nor then its hierarchy.`,
        )
      if (known.content !== 'complete')
        throw new FhirError(
          'invalid-search',
          `Of the code system ${system} not every code is here (its content is "${known.content}"), so what is ` +
            `${direction} a code cannot be told.`,
        )
      const key = keyOf(known.caseSensitive, code)
      if (!known.concepts.has(key)) throw new FhirError('invalid-search', `${system} has no code '${code}'.`)
      try {
        requireHierarchy(known)
      } catch (error) {
        throw new FhirError('invalid-search', (error as Error).message)
      }
      const keys = [...reachable(known, key, direction)]
      return spellings(
        known.caseSensitive,
        keys.map((it) => known.concepts.get(it)?.code ?? it),
      )
    },
  }
}

function isVersion(it: Versioned, version: string | undefined): boolean {
  return version === undefined || it.version === version
}

/** R4 has each once, a few of them with a version in the URL. */
function ofVersion<Kind extends keyof CoreTerminology>(
  core: CoreTerminology,
  kind: Kind,
  url: string,
  version: string | undefined,
): ReturnType<CoreTerminology[Kind]> | undefined {
  const find = core[kind] as (url: string) => ReturnType<CoreTerminology[Kind]>
  const plain = find(url)
  if (plain !== undefined && isVersion(plain, version)) return plain
  return version === undefined ? undefined : find(`${url}|${version}`)
}
