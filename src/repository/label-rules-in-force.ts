// The rules by which the server labels: PlanDefinitions and ValueSets that are stored here, compiled, and compiled anew
// when one of them is written.
import { createHash } from 'node:crypto'
import {
  compileLabelRules,
  isLabelRules,
  valueSetsNamed,
  type LabelRules,
  type RuleFault,
} from '../access/index.ts'
import { parseJson, writeJson, type Definitions, type JsonObject, type Resource } from '../fhir/index.ts'
import { SEE_EVERYTHING, searchQuery, uriMatch, type Store } from '../store/index.ts'
import type { RulesInForce } from './labelling/labelling.ts'

/** To be raised when the same rules come to other labels than before. */
const ENGINE = 1

const PLAN = 'PlanDefinition'
const VALUE_SET = 'ValueSet'
/** Versions of one ValueSet that are looked at. */
const MOST_VERSIONS = 100
const RETRY_MS = 10_000

export interface LabelRulesParts {
  readonly store: Store
  readonly definitions: Definitions
  /** Told of rules that could not be taken up, while those before stay in force. */
  readonly report: (
    event: { readonly kind: 'worked' } | { readonly kind: 'failed'; readonly error: unknown },
  ) => void
  /** After how many milliseconds the store is asked again that has failed. */
  readonly retryMs?: number
}

interface Compiled {
  readonly rules: LabelRules
  readonly faults: readonly RuleFault[]
  /** Changes when what the rules say does. */
  readonly digest: string
  /** `Type/id` of the resources that they are made from. */
  readonly sources: ReadonlySet<string>
  /** Canonical URLs of ValueSets that they name. */
  readonly urls: ReadonlySet<string>
}

export class LabelRulesInForce implements RulesInForce {
  readonly #parts: LabelRulesParts
  readonly #changed: (() => void)[] = []
  #compiled: Compiled
  #ready: Promise<void> = Promise.resolve()
  #isReady = true
  #turn: Promise<void> = Promise.resolve()
  /** The one that has yet to begin, for all who wait for it. */
  #next: Promise<void> | undefined
  #taking = false
  #retry: NodeJS.Timeout | undefined

  constructor(parts: LabelRulesParts) {
    this.#parts = parts
    this.#compiled = this.#compile([], new Set())
  }

  /** Resolves when the rules have been loaded, if they are being loaded. */
  get ready(): Promise<void> {
    return this.#ready
  }

  get isReady(): boolean {
    return this.#isReady
  }

  get rules(): LabelRules {
    return this.#compiled.rules
  }

  get faults(): readonly RuleFault[] {
    return this.#compiled.faults
  }

  /** The same for rules that say the same. */
  get digest(): string {
    return this.#compiled.digest
  }

  /** Calls when the rules say something else than before. */
  onChange(changed: () => void): void {
    this.#changed.push(changed)
  }

  /** Takes up what is stored; whatever is written meanwhile waits for it. @throws what the store throws */
  load(): Promise<void> {
    this.#isReady = false
    this.#ready = this.#take()
    this.#ready.then(
      () => {
        this.#isReady = true
      },
      // Whoever waits for it is told.
      () => {},
    )
    return this.#ready
  }

  concerns(type: string, resource: Resource | undefined, id: string): boolean {
    if (type !== PLAN && type !== VALUE_SET) return false
    // What is being read may have been read before the write, and may name it.
    if (this.#taking) return true
    const { sources, urls } = this.#compiled
    if (sources.has(`${type}/${id}`)) return true
    if (resource === undefined) return false
    if (type === PLAN) return isLabelRules(resource)
    return typeof resource['url'] === 'string' && urls.has(resource['url'])
  }

  /** Takes up what has been written. When the store fails, those before stay in force until it does not. */
  committed(): Promise<void> {
    this.#next ??= this.#turn.then(() => {
      this.#next = undefined
      return this.#takeOrKeep()
    })
    this.#turn = this.#next
    return this.#next
  }

  stop(): void {
    clearTimeout(this.#retry)
  }

  async #takeOrKeep(): Promise<void> {
    clearTimeout(this.#retry)
    this.#taking = true
    try {
      await this.#take()
      this.#parts.report({ kind: 'worked' })
    } catch (error) {
      this.#parts.report({ kind: 'failed', error })
      this.#retry = setTimeout(() => void this.committed(), this.#parts.retryMs ?? RETRY_MS).unref()
    } finally {
      this.#taking = false
    }
  }

  async #take(): Promise<void> {
    const { store } = this.#parts
    const found: Resource[] = []
    for await (const versions of store.maintenance.currentResources(MOST_VERSIONS, { type: PLAN }))
      for (const { body } of versions) {
        const plan = parseJson(body as Buffer) as Resource
        if (isLabelRules(plan)) found.push(plan)
      }
    // ValueSets may be made of others.
    const urls = new Set<string>()
    for (const resource of found)
      for (const canonical of valueSetsNamed(resource)) {
        const [url = ''] = canonical.split('|')
        if (urls.has(url)) continue
        urls.add(url)
        const query = searchQuery({ type: VALUE_SET, where: uriMatch('url', url), count: MOST_VERSIONS })
        for (const { body } of (await store.search(query, SEE_EVERYTHING)).matches)
          found.push(parseJson(body as Buffer) as Resource)
      }
    const before = this.#compiled.digest
    this.#compiled = this.#compile(found, urls)
    if (this.#compiled.digest !== before) for (const changed of this.#changed) changed()
  }

  #compile(resources: readonly Resource[], urls: ReadonlySet<string>): Compiled {
    const { rules, faults } = compileLabelRules(resources, this.#parts.definitions)
    const digest = createHash('sha256').update(`${ENGINE}`)
    for (const text of resources.map(contentOf).toSorted()) digest.update(text).update('\n')
    return {
      rules,
      faults,
      digest: digest.digest('base64url'),
      sources: new Set(resources.map(({ resourceType, id }) => `${resourceType}/${String(id)}`)),
      urls,
    }
  }
}

/** Without what changes when nothing else does. */
function contentOf({ meta: _meta, text: _text, ...content }: Resource): string {
  return writeJson(content as JsonObject)
}
