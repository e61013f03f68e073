// Finds the instrument that a response is to, and remembers what it has read.
import { newestOf, splitCanonical, type Versioned } from '../../conformance/index.ts'
import { FhirError, type Issue, parseReference, type Resource, roughSize } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { QUESTIONNAIRE_ALIASES } from '../../search/index.ts'
import { or, searchQuery, uriMatch } from '../../store/index.ts'
import { responseValidator, type ResponseValidator } from '../forms/response-validation.ts'
import { BoundedMemory } from './bounded-memory.ts'
import type { Evaluators } from './formula.ts'
import type { Instrument } from './instrument.ts'
import { readInstrument } from './read-instrument.ts'

export interface InstrumentsParts {
  /** The server's FHIR base. */
  readonly baseUrl: string
  readonly evaluators: Evaluators
}

export interface Instruments {
  /**
   * The instrument that responses to this canonical are scored by, among what can be seen: the Questionnaire of that
   * url, `url|version`, or `Questionnaire/[id]`; else one that names the canonical as its alias. Without a version the
   * newest, those in use first; a version that has been replaced, where nothing stored has it now. undefined when there
   * is none that scores or warns.
   * @throws FhirError `invalid` when it cannot be read, naming each fault
   */
  find(canonical: string, view: WorldView): Promise<Instrument | undefined>
  /**
   * What holds responses to this canonical to the Questionnaire of that very url, as `find` finds it; undefined when there is none.
   */
  validator(canonical: string, view: WorldView): Promise<ResponseValidator | undefined>
  /** A stored Questionnaire as an instrument; undefined when it is none. @throws FhirError `invalid` when it cannot be read */
  read(questionnaire: KnownVersion): Promise<Instrument | undefined>
  /** What is wrong with a Questionnaire as an instrument; nothing when it is none. */
  faultsOf(questionnaire: Resource): Promise<readonly Issue[]>
}

/** Versions and aliases of one canonical that are looked at. */
const MOST_FOUND = 100
const MOST_REMEMBERED = 500
/** Characters of the Questionnaires that are remembered: in memory they take some ten times as much. */
const MOST_CHARACTERS = 10_000_000

type Look = () => Promise<readonly KnownVersion[]>

interface Known extends Versioned {
  readonly id: string
  readonly url: string
  /** Or why it cannot be read. */
  readonly instrument: Instrument | FhirError | undefined
  /** Made when it is first asked for. */
  readonly validator: () => ResponseValidator
}

export function createInstruments({ baseUrl, evaluators }: InstrumentsParts): Instruments {
  /** By id and version of the resource: what such a version says never changes. */
  const remembered = new BoundedMemory<Known>(MOST_REMEMBERED, MOST_CHARACTERS)
  /** By what was asked for. */
  const answers = new Map<string, { readonly state: number; readonly keys: readonly string[] }>()

  function know(version: KnownVersion): Known {
    const key = keyOf(version)
    const known = remembered.get(key)
    if (known !== undefined) return known
    const { resource, versionId } = version
    const read = readKnown(resource, evaluators)
    // What is only being written may become another version.
    if (versionId > 0) remembered.set(key, read, roughSize(resource))
    return read
  }

  async function lookedFor(question: string, view: WorldView, look: Look): Promise<readonly KnownVersion[]> {
    const state = view.stateOf?.('Questionnaire')
    const found = await look()
    if (state === undefined) return found
    if (answers.size >= MOST_REMEMBERED) answers.clear()
    answers.set(question, { state, keys: found.map(keyOf) })
    return found
  }

  /** What was found stays found while no Questionnaire is written, as far as it is remembered. */
  async function foundBy(question: string, view: WorldView, look: Look): Promise<readonly Known[]> {
    const last = answers.get(question)
    if (last !== undefined && last.state === view.stateOf?.('Questionnaire')) {
      const known = last.keys.flatMap((key) => remembered.get(key) ?? [])
      if (known.length === last.keys.length) return known
    }
    return (await lookedFor(question, view, look)).map(know)
  }

  const foundFor = (canonical: string, view: WorldView): Promise<readonly Known[]> =>
    foundBy(canonical, view, () => matches(canonical, view, baseUrl))

  /** Those that the canonical itself names: forms are in use that were handed out before an edit. */
  async function ownFor(
    canonical: string,
    found: readonly Known[],
    view: WorldView,
  ): Promise<readonly Known[]> {
    const { url, version } = splitCanonical(canonical)
    const ofUrl = found.filter((it) => it.url === url)
    if (version === undefined) return ofUrl
    const own = ofUrl.filter((it) => it.version === version)
    if (own.length > 0 || ofUrl.length === 0) return own
    const ids = ofUrl.map(({ id }) => id)
    return foundBy(`earlier ${canonical}`, view, () => earlierOf(ids, url, version, view))
  }

  return {
    async find(canonical, view) {
      const found = await foundFor(canonical, view)
      const { url } = splitCanonical(canonical)
      const own = await ownFor(canonical, found, view)
      const others = found.filter((it) => it.url !== url && it.instrument !== undefined)
      const chosen = newestOf(own)?.instrument ?? newestOf(others)?.instrument
      if (chosen instanceof FhirError) throw chosen
      return chosen
    },
    async validator(canonical, view) {
      const own = await ownFor(canonical, await foundFor(canonical, view), view)
      return newestOf(own)?.validator()
    },
    async read(questionnaire) {
      const { instrument } = know(questionnaire)
      if (instrument instanceof FhirError) throw instrument
      return instrument
    },
    async faultsOf(questionnaire) {
      const { instrument } = readKnown(questionnaire, evaluators)
      return instrument instanceof FhirError ? instrument.issues : []
    },
  }
}

function keyOf({ id, versionId }: KnownVersion): string {
  return `${id}/${versionId}`
}

/** Of one version that was replaced, as it was last. */
async function earlierOf(
  ids: readonly string[],
  url: string,
  version: string,
  view: WorldView,
): Promise<readonly KnownVersion[]> {
  const found: KnownVersion[] = []
  for (const id of ids) {
    const last = (await view.earlier('Questionnaire', id)).find(
      ({ resource }) => resource['url'] === url && resource['version'] === version,
    )
    if (last !== undefined) found.push(last)
  }
  return found
}

/** The Questionnaires of this url, and those that read its responses too. */
async function matches(
  canonical: string,
  view: WorldView,
  baseUrl: string,
): Promise<readonly KnownVersion[]> {
  const { url, version } = splitCanonical(canonical)
  const aliases = version === undefined ? [url] : [url, canonical]
  const where = or([uriMatch('url', url), ...aliases.map((alias) => uriMatch(QUESTIONNAIRE_ALIASES, alias))])
  const found = await view.search(searchQuery({ type: 'Questionnaire', where, count: MOST_FOUND }))
  if (found.length > 0) return found
  const reference = parseReference(url, baseUrl)
  if (reference.kind !== 'local' || reference.type !== 'Questionnaire') return []
  const named = await view.read('Questionnaire', reference.id)
  return named === undefined ? [] : [named]
}

function readKnown(questionnaire: Resource, evaluators: Evaluators): Known {
  const { id, url, version, status } = questionnaire
  let validator: ResponseValidator | undefined
  const about = {
    validator: () => (validator ??= responseValidator(questionnaire, evaluators)),
    id: String(id),
    url: typeof url === 'string' ? url : '',
    version: typeof version === 'string' ? version : undefined,
    status: String(status),
  }
  try {
    return { ...about, instrument: readInstrument(questionnaire, evaluators) }
  } catch (error) {
    if (error instanceof FhirError) return { ...about, instrument: error }
    throw error
  }
}
