// The life of the SearchParameters that are written to this server (https://hl7.org/fhir/R4/searchparameter.html):
// checked before the write, extracted from the write on, and offered to searches when all that is stored is indexed.
import { isDeepStrictEqual } from 'node:util'
import { FhirError, parseJson, type Definitions, type Resource } from '../fhir/index.ts'
import type { CustomParameter, Search } from '../search/index.ts'
import type { Store } from '../store/index.ts'
import { namesOf, urlsOf, type ParameterEntry } from './parameter-entry.ts'
import { ParameterIndexing } from './parameter-indexing.ts'
import { digestOf, readRecords, writeRecords, type ParameterRecords } from './parameter-record.ts'
import { WriteEpochs, type Epoch } from './write-epochs.ts'

export const SEARCH_PARAMETER = 'SearchParameter'

export interface CustomParametersParts {
  readonly store: Store
  readonly search: Search
  readonly definitions: Definitions
  /** Told of what becomes of them; nothing in it is patient data. */
  readonly report: (event: CustomParameterEvent) => void
  /** After how many milliseconds indexing is tried again that the store has refused. */
  readonly retryMs?: number
}

export type CustomParameterEvent =
  | { readonly kind: 'indexing' | 'live'; readonly urls: readonly string[]; readonly resources: number }
  /** Not used, though stored and active; `reason` says what is wrong with it. */
  | { readonly kind: 'failed'; readonly url: string; readonly reason: string }
  /** Will be tried again. */
  | { readonly kind: 'interrupted'; readonly error: unknown }

export interface CustomParametersStatus {
  /** Resources gone through, and all that are to be, while some are being indexed. */
  readonly indexing:
    | { readonly urls: readonly string[]; readonly done: number; readonly total: number }
    | undefined
  readonly failed: readonly { readonly url: string; readonly reason: string }[]
}

/** A SearchParameter as it is after a write. */
export interface ParameterWrite {
  readonly id: string
  /** undefined: deleted. */
  readonly resource: Resource | undefined
  /** The error as whoever asked for the write is told it. */
  readonly told?: (error: FhirError) => FhirError
}

/** What a write will make of the parameters, once it is committed. */
export interface ParameterChange {
  readonly id: string
  /** undefined: it is none any more, or not an active one. */
  readonly next: { readonly resource: Resource; readonly parameter: CustomParameter } | undefined
}

/** An active one that is not used. */
interface FailedParameter {
  readonly id: string
  readonly versionId: number
  readonly resource: Resource
  readonly reason: string
  /** Whether it may do once the others have changed. */
  readonly curable: boolean
}

const RETRY_MS = 10_000

export class CustomParameters {
  readonly #parts: CustomParametersParts
  readonly #epochs = new WriteEpochs()
  /** By id of the SearchParameter. */
  readonly #entries = new Map<string, ParameterEntry>()
  readonly #failed = new Map<string, FailedParameter>()
  readonly #indexing: ParameterIndexing
  #generation = 0
  #offered = ''
  #turn: Promise<unknown> = Promise.resolve()
  #saving: Promise<void> = Promise.resolve()

  constructor(parts: CustomParametersParts) {
    this.#parts = parts
    this.#indexing = new ParameterIndexing(
      { retryMs: RETRY_MS, ...parts, epochs: this.#epochs },
      {
        waiting: () => this.#inState('indexing'),
        isCurrent: (entry) => this.#entries.get(entry.id) === entry,
        progressed: () => this.#changed(),
        live: (entries) => {
          for (const entry of entries) this.#entries.set(entry.id, { ...entry, state: 'live' })
          void this.#changed()
        },
        failed: (entries, error) => {
          for (const entry of entries) this.#fail(entry, error.message, false)
          void this.#changed()
        },
      },
    )
  }

  /** Counts up whenever searches are offered other parameters than before. */
  get generation(): number {
    return this.#generation
  }

  get status(): CustomParametersStatus {
    const waiting = this.#inState('indexing')
    const { pass, total } = this.#indexing
    return {
      indexing: waiting.length === 0 ? undefined : { urls: urlsOf(waiting), done: pass?.done ?? 0, total },
      failed: [...this.#failed.values()].map(({ id, resource, reason }) => ({
        url: urlOf(id, resource),
        reason,
      })),
    }
  }

  /** Takes up what is stored. To be called once, before anything is written or extracted. */
  async load(): Promise<void> {
    const { store } = this.#parts
    const records = await readRecords(store)
    let open: Omit<FailedParameter, 'curable'>[] = []
    for await (const versions of store.maintenance.currentResources(200, { type: SEARCH_PARAMETER }))
      for (const { id, versionId, body } of versions) {
        const resource = parseJson(body as Buffer) as Resource
        if (resource['status'] === 'active') open.push({ id, versionId, resource, reason: '' })
      }
    // What a composite is made of comes before it, in as many rounds as that takes.
    for (let before = -1; open.length !== before; ) {
      before = open.length
      const refused: typeof open = []
      for (const one of open) {
        const reason = await this.#tryOne(one, records)
        if (reason !== undefined) refused.push({ ...one, reason })
      }
      open = refused
    }
    for (const one of open) this.#fail(one, one.reason, true)
    this.#indexing.pass = records.pass
    this.#publish()
    // A start that changes nothing writes nothing, and waits for no writer.
    const now = this.#records()
    const isAsBefore =
      isDeepStrictEqual(now.parameters, records.parameters) && isDeepStrictEqual(now.pass, records.pass)
    if (!isAsBefore) await this.#save()
  }

  /** Begins to index what waits for it, now and whenever more comes. */
  start(): void {
    this.#indexing.start()
  }

  /** Stops where it stands; the next `start`, in this process or another, goes on from there. */
  async stop(): Promise<void> {
    await this.#indexing.stop()
    await this.#saving
  }

  /** To be called when every resource has been indexed anew: verifies that, and makes all of them live. */
  async reindexed(): Promise<void> {
    await this.#indexing.verifyAll()
    await this.#saving
  }

  /** A write of whatever type begins; it is to leave the epoch when it has ended. */
  enter(): Epoch {
    return this.#epochs.enter()
  }

  /** One at a time: what is checked must still be so when it is committed. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  /**
   * Whether these could stand beside the others; within `alone`, and before the commit. In an order in which they can
   * be taken up.
   * @throws FhirError `business-rule`, naming the element, for what cannot be a parameter of this server
   */
  async check(writes: readonly ParameterWrite[]): Promise<readonly ParameterChange[]> {
    const written = new Set(writes.map(({ id }) => id))
    const entries = [...this.#entries.values()]
    const replaced = new Set(urlsOf(entries.filter(({ id }) => written.has(id))))
    const others = entries.filter(({ id }) => !written.has(id)).map((it) => it.parameter)
    const added: CustomParameter[] = []
    const changes: ParameterChange[] = []
    // What composites are made of may come with them.
    for (const { id, resource, told = (error: FhirError) => error } of writes.toSorted(compositesLast)) {
      if (resource?.['status'] !== 'active') changes.push({ id, next: undefined })
      else
        try {
          const parameter = await this.#parts.search.checkCustom(resource, { replaced, added })
          requireDistinct(parameter, [...others, ...added])
          added.push(parameter)
          changes.push({ id, next: { resource, parameter } })
        } catch (error) {
          throw error instanceof FhirError ? told(asBusinessRule(error)) : error
        }
    }
    return changes
  }

  /** The changes are committed: from now on they hold for every write that begins. `versionIds`: by id. */
  committed(changes: readonly ParameterChange[], versionIds: ReadonlyMap<string, number>): void {
    for (const change of changes) this.#take(change, versionIds.get(change.id) ?? 0, undefined)
    void this.#changed()
    this.#reconsider(new Set(changes.map(({ id }) => id)))
    this.#indexing.wake()
  }

  /** `records`: what was remembered of an earlier run; without them what this run knows counts. */
  #take({ id, next }: ParameterChange, versionId: number, records: ParameterRecords | undefined): void {
    const known = this.#entries.get(id)
    this.#entries.delete(id)
    this.#failed.delete(id)
    if (next === undefined) return
    const { resource, parameter } = next
    const digest = digestOf(resource, this.#componentDigests(resource))
    const before = records?.parameters[id]
    // A change of what is said about it, and not of what it is, needs no new index.
    const kept = known?.digest === digest || (before?.versionId === versionId && before.digest === digest)
    const state = parameter.types.length === 0 ? 'live' : kept ? (known ?? before)?.state : undefined
    this.#entries.set(id, {
      id,
      versionId,
      digest,
      resource,
      // What has not changed keeps what was compiled of it.
      parameter: kept && known !== undefined ? known.parameter : parameter,
      state: state ?? 'indexing',
    })
  }

  #componentDigests(resource: Resource): readonly string[] {
    const named = JSON.stringify(resource['component'] ?? '')
    return [...this.#entries.values()]
      .filter(({ parameter }) => named.includes(JSON.stringify(parameter.url)))
      .map(({ digest }) => digest)
      .toSorted()
  }

  /**
   * A change of what a composite is made of is a change of the composite; and what has failed may do now, for it may
   * have been in the way of others.
   */
  #reconsider(written: ReadonlySet<string>): void {
    const composites = [...this.#entries.values()].filter(
      ({ resource, digest, parameter }) =>
        parameter.type === 'composite' && digestOf(resource, this.#componentDigests(resource)) !== digest,
    )
    const curable = [...this.#failed.values()].filter((it) => it.curable)
    const again = [...composites, ...curable].filter(({ id }) => !written.has(id))
    if (again.length === 0) return
    void this.alone(async () => {
      for (const one of again) {
        const now = this.#entries.get(one.id) ?? this.#failed.get(one.id)
        if (now?.versionId !== one.versionId) continue
        const reason = await this.#tryOne(one, undefined)
        if (reason !== undefined && reason !== this.#failed.get(one.id)?.reason) this.#fail(one, reason, true)
      }
      void this.#changed()
      this.#indexing.wake()
    })
  }

  /** Takes it up, or says why it cannot be. */
  async #tryOne(
    { id, versionId, resource }: Pick<FailedParameter, 'id' | 'versionId' | 'resource'>,
    records: ParameterRecords | undefined,
  ): Promise<string | undefined> {
    try {
      const [change] = await this.check([{ id, resource }])
      this.#take(change as ParameterChange, versionId, records)
      this.#publish()
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #inState(state: ParameterEntry['state']): readonly ParameterEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.state === state)
  }

  /** Tells searches, and remembers. */
  #changed(): Promise<void> {
    this.#publish()
    return this.#save()
  }

  #publish(): void {
    const { pass, total } = this.#indexing
    const indexed = total === 0 ? undefined : { done: pass?.done ?? 0, total }
    this.#parts.search.setCustom(
      [...this.#entries.values()]
        .filter(({ parameter }) => parameter.types.length > 0)
        .map(({ parameter, state }) => ({
          ...parameter,
          state,
          indexed: state === 'live' ? undefined : indexed,
        })),
    )
    const offered = namesOf(this.#inState('live')).join()
    if (offered !== this.#offered) this.#generation++
    this.#offered = offered
  }

  /** One after another, each what is so when its turn comes; so one that the store refuses is made up for by the next. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(() =>
      writeRecords(this.#parts.store, this.#records()).catch((error: unknown) =>
        this.#parts.report({ kind: 'interrupted', error }),
      ),
    )
    return this.#saving
  }

  #records(): ParameterRecords {
    return {
      parameters: Object.fromEntries(
        [...this.#entries.values()].map(({ id, versionId, digest, state }) => [
          id,
          { versionId, digest, state },
        ]),
      ),
      pass: this.#indexing.pass,
    }
  }

  #fail(
    { id, versionId, resource }: Pick<FailedParameter, 'id' | 'versionId' | 'resource'>,
    reason: string,
    curable: boolean,
  ): void {
    this.#entries.delete(id)
    this.#failed.set(id, { id, versionId, resource, reason, curable })
    this.#parts.report({ kind: 'failed', url: urlOf(id, resource), reason })
  }
}

function compositesLast(a: ParameterWrite, b: ParameterWrite): number {
  const place = ({ resource }: ParameterWrite): number => (resource?.['type'] === 'composite' ? 1 : 0)
  return place(a) - place(b)
}

function urlOf(id: string, { url }: Resource): string {
  return typeof url === 'string' ? url : `${SEARCH_PARAMETER}/${id}`
}

/** @throws FhirError `business-rule` when another has this URL, or this code for one of these types */
function requireDistinct({ url, code, types }: CustomParameter, others: readonly CustomParameter[]): void {
  for (const other of others) {
    if (other.url === url)
      throw refusal(
        'url',
        `Another active SearchParameter of this server has the URL ${url}. Update that one, or retire it.`,
      )
    const shared = other.code === code ? types.find((type) => other.types.includes(type)) : undefined
    if (shared !== undefined)
      throw refusal('code', `${shared} has a parameter '${code}' already: ${other.url}. Take another code.`)
  }
}

function refusal(element: string, diagnostics: string): FhirError {
  return new FhirError('business-rule', [
    { severity: 'error', code: 'duplicate', diagnostics, expression: `${SEARCH_PARAMETER}.${element}` },
  ])
}

/** It is a valid resource, and yet cannot be what it says on this server. */
function asBusinessRule(error: FhirError): FhirError {
  return error.code === 'business-rule'
    ? error
    : new FhirError('business-rule', error.issues, { cause: error })
}
