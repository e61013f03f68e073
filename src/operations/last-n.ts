// Observation/$lastn: the most recent observations of each kind (https://hl7.org/fhir/R4/observation-operation-lastn.html).
import {
  FhirError,
  isJsonObject,
  parseDateRange,
  parseJson,
  type JsonObject,
  type JsonValue,
} from '../fhir/index.ts'
import type { StoredVersion } from '../store/index.ts'
import {
  BY_ANY_METHOD,
  type Operation,
  type OperationAnswer,
  type OperationCall,
  type Pair,
} from './operation.ts'
import { readWhole, refused, single } from './parameters.ts'

/** More observations than this are not gone through for one answer. */
const MOST_OBSERVATIONS = 20_000
const PAGE = 1000
/** Search parameters that name a subject, or look at a code; a chain or modifier may follow. */
const SUBJECTS = /^(?:patient|subject)(?:[:.]|$)/
const CODES = /^(?:category|(?:combo-|component-)?code(?:-value-[a-z]+)?)(?::|$)/
const RESULT_PARAMETERS = /^_(?:sort|count|total|include|revinclude|contained)/

export const OBSERVATION_LASTN: Operation = {
  name: 'lastn',
  type: 'Observation',
  levels: { type: BY_ANY_METHOD },
  takesResource: [],
  affectsState: false,
  answers: 'Bundle',
  definition: 'http://hl7.org/fhir/OperationDefinition/Observation-lastn',
  summary: 'The most recent observations of each code, for a subject and a category or code.',
  parameters: [
    {
      name: 'max',
      documentation: 'How many of each code; 1 when not given. All that tie with the last come too.',
    },
  ],
  run: lastN,
}

async function lastN(call: OperationCall): Promise<OperationAnswer> {
  const { repository, search, pairs, handling } = call
  const max = readWhole('max', single(pairs, 'max'), 1) ?? 1
  const criteria = pairs.filter(([name]) => name !== 'max')
  const shaping = criteria.find(([name]) => RESULT_PARAMETERS.test(name))
  if (shaping !== undefined) throw refused(shaping[0], '$lastn orders and limits its answer itself; use max.')
  if (!criteria.some(([name]) => SUBJECTS.test(name)))
    throw refused('patient', '$lastn needs a subject: patient=[id] or subject=[reference].')
  if (!criteria.some(([name]) => CODES.test(name)))
    throw refused('category', '$lastn needs a category or a code, such as category=vital-signs.')

  const parsed = await search.parse(
    { kind: 'type', type: 'Observation' },
    [...criteria, ['_sort', '-date']],
    { handling, defaultCount: PAGE, maxCount: PAGE },
    repository.lookup,
  )
  const groups = new Groups(max)
  let cursor: string | undefined
  let seen = 0
  do {
    const page = await repository.search({ ...parsed.query, cursor })
    for (const version of page.matches) groups.add(version)
    seen += page.matches.length
    if (seen > MOST_OBSERVATIONS)
      throw new FhirError(
        'too-costly',
        `More than ${MOST_OBSERVATIONS} observations match; narrow the search, as by date=ge2024.`,
      )
    cursor = page.next
  } while (cursor !== undefined)
  const used: Pair[] = parsed.used.filter(([name]) => name !== '_sort')
  if (pairs.some(([name]) => name === 'max')) used.push(['max', String(max)])
  return { kind: 'resources', versions: groups.latest(), used }
}

interface Item {
  readonly version: StoredVersion
  /** When it was, as text that is equal for equal times; '' for none. */
  readonly effective: string
  /** The names by which codes are equal: `system|code`, or the text when there is no coding. */
  readonly names: readonly string[]
}

/** Observations, newest first, by codes: those that share a coding are one group, transitively. */
class Groups {
  readonly #max: number
  readonly #items: Item[] = []
  /** Each name's parent in a forest; a root is its own. */
  readonly #parents = new Map<string, string>()

  constructor(max: number) {
    this.#max = max
  }

  add(version: StoredVersion): void {
    const observation = parseJson(version.body as Buffer) as JsonObject
    const names = namesOf(observation.code)
    const [first = ''] = names
    for (const name of names) this.#join(first, name)
    this.#items.push({ version, names, effective: effectiveOf(observation) })
  }

  /** The first of each group, up to `max` and whatever ties with the last of them; groups in the order of their newest. */
  latest(): StoredVersion[] {
    const groups = new Map<string, Item[]>()
    for (const item of this.#items) {
      const root = this.#root(item.names[0] ?? '')
      const group = groups.get(root) ?? []
      groups.set(root, group)
      const last = group[this.#max - 1]
      if (last === undefined || (last.effective !== '' && last.effective === item.effective)) group.push(item)
    }
    return [...groups.values()].flat().map(({ version }) => version)
  }

  #root(name: string): string {
    let root = name
    for (let parent = this.#parents.get(root); parent !== undefined && parent !== root; ) {
      root = parent
      parent = this.#parents.get(root)
    }
    return root
  }

  #join(a: string, b: string): void {
    const [rootA, rootB] = [this.#root(a), this.#root(b)]
    this.#parents.set(rootA, rootA)
    this.#parents.set(rootB, rootA)
  }
}

function namesOf(code: JsonValue | undefined): readonly string[] {
  if (!isJsonObject(code)) return ['']
  const { coding, text } = code
  const codings = Array.isArray(coding) ? coding.filter(isJsonObject) : []
  const names = codings
    .filter((item) => typeof item.code === 'string')
    .map((item) => `${typeof item.system === 'string' ? item.system : ''}|${item.code as string}`)
  if (names.length > 0) return names
  return [typeof text === 'string' ? `text ${text}` : '']
}

function effectiveOf(observation: JsonObject): string {
  const { effectiveDateTime, effectiveInstant, effectivePeriod, effectiveTiming } = observation
  const value = effectiveDateTime ?? effectiveInstant ?? effectivePeriod ?? effectiveTiming
  if (value === undefined) return ''
  const range = typeof value === 'string' ? parseDateRange(value) : undefined
  return JSON.stringify(range ?? value)
}
