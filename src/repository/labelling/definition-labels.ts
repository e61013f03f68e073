// What the definition that a record follows says of it: the answers to a questionnaire about drinking tell of drinking,
// though each answer may name nothing but its place.
import { canonicalSources, ownLabels, type LabelRules } from '../../access/index.ts'
import { isJsonObject, type JsonValue, parseJson, type Resource } from '../../fhir/index.ts'
import { QUESTIONNAIRE_ALIAS, QUESTIONNAIRE_ALIASES } from '../../search/index.ts'
import {
  or,
  SEE_EVERYTHING,
  searchQuery,
  uriMatch,
  urlReferenceMatch,
  type ResourceKey,
  type SecurityLabel,
  type Store,
} from '../../store/index.ts'

/** Types that canonicals of records lead to. */
const DEFINITIONS = [
  'Questionnaire',
  'ActivityDefinition',
  'PlanDefinition',
  'Measure',
  'OperationDefinition',
]

/** Types of records, and the parameter by which they name what they follow. */
const FOLLOWERS: readonly (readonly [type: string, param: string])[] = [
  ['QuestionnaireResponse', 'questionnaire'],
  ...[
    'CarePlan',
    'Communication',
    'DeviceRequest',
    'FamilyMemberHistory',
    'NutritionOrder',
    'Procedure',
    'RequestGroup',
    'ServiceRequest',
  ].map((type) => [type, 'instantiates-canonical'] as const),
]

/** Whether records may follow resources of this type. */
export function isDefinition(type: string): boolean {
  return DEFINITIONS.includes(type)
}

/** Definitions of which the labels are remembered. */
const MOST_REMEMBERED = 1000

/** Remembered until a definition is written, or the rules change. */
export class DefinitionLabels {
  readonly #store: Store
  readonly #rules: () => LabelRules
  readonly #remembered = new Map<string, Promise<readonly SecurityLabel[]>>()
  #by: LabelRules | undefined

  constructor(store: Store, rules: () => LabelRules) {
    this.#store = store
    this.#rules = rules
  }

  /** undefined for a record that names no definition. */
  of(resource: Resource): Promise<readonly SecurityLabel[]> | undefined {
    const canonicals = canonicalSources(resource)
    if (canonicals.length === 0) return undefined
    return Promise.all(canonicals.map((canonical) => this.#labels(canonical, resource.resourceType))).then(
      (labels) => labels.flat(),
    )
  }

  /** What each definition that the record names says of it. */
  async each(
    resource: Resource,
  ): Promise<readonly { readonly canonical: string; readonly labels: readonly SecurityLabel[] }[]> {
    return Promise.all(
      canonicalSources(resource).map(async (canonical) => ({
        canonical,
        labels: await this.#labels(canonical, resource.resourceType),
      })),
    )
  }

  /** To be told of every write. Resolves to the records that follow what was written, at most `limit`. */
  async written(
    type: string,
    resource: Resource | undefined,
    limit: number,
  ): Promise<readonly ResourceKey[]> {
    if (!isDefinition(type)) return []
    this.#remembered.clear()
    const named = resource === undefined ? [] : [resource['url'], ...aliasesOf(resource)]
    const urls = named.filter((it) => typeof it === 'string')
    const followers: ResourceKey[] = []
    for (const [follower, param] of urls.length === 0 ? [] : FOLLOWERS) {
      const where = or(urls.map((url) => urlReferenceMatch(param, url)))
      const ids = await this.#store.matches(follower, where, limit, SEE_EVERYTHING)
      followers.push(...ids.map((id) => ({ type: follower, id })))
    }
    return followers.slice(0, limit)
  }

  #labels(canonical: string, as: string): Promise<readonly SecurityLabel[]> {
    const rules = this.#rules()
    if (this.#by !== rules || this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#by = rules
    const key = `${as} ${canonical}`
    const known = this.#remembered.get(key)
    if (known !== undefined) return known
    const labels = this.#find(canonical, as, rules)
    this.#remembered.set(key, labels)
    labels.catch(() => this.#remembered.delete(key))
    return labels
  }

  async #find(canonical: string, as: string, rules: LabelRules): Promise<readonly SecurityLabel[]> {
    const [url = '', version] = canonical.split('|', 2)
    // Which version of another's copy it is says nothing of ours, that reads them.
    const byUrl = or([
      uriMatch('url', url),
      uriMatch(QUESTIONNAIRE_ALIASES, url),
      uriMatch(QUESTIONNAIRE_ALIASES, canonical),
    ])
    const found: SecurityLabel[] = []
    for (const type of DEFINITIONS) {
      const { matches } = await this.#store.search(
        searchQuery({ type, where: byUrl, count: 20 }),
        SEE_EVERYTHING,
      )
      const definitions = matches.map(({ body }) => parseJson(body as Buffer) as Resource)
      for (const definition of meantBy(definitions, url, version))
        for (const { label } of ownLabels(rules, definition, as)) found.push(label)
    }
    return found
  }
}

/**
 * Without what is another version than the one that is named. Where that one is stored no more, or not yet, any version
 * tells: it is about the same, and what is sensitive must not cease to be so because its definition was edited.
 */
function meantBy(
  definitions: readonly Resource[],
  url: string,
  version: string | undefined,
): readonly Resource[] {
  const isNamed = (it: Resource): boolean => it['url'] === url && it['version'] === version
  if (version === undefined || !definitions.some(isNamed)) return definitions
  return definitions.filter((it) => it['url'] !== url || isNamed(it))
}

/** The canonicals of others whose followers follow this definition too. */
function aliasesOf({ extension }: Resource): readonly (JsonValue | undefined)[] {
  if (!Array.isArray(extension)) return []
  return extension.map((it) =>
    isJsonObject(it) && it['url'] === QUESTIONNAIRE_ALIAS ? it['valueCanonical'] : undefined,
  )
}
