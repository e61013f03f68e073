// The life of the SearchParameters that are written to this server (https://hl7.org/fhir/R4/searchparameter.html):
// checked before the write, extracted from the write on, and offered to searches when all that is stored is indexed.
import { FhirError, parseJson, type Definitions, type Resource } from '../fhir/index.ts'
import type { CustomParameter, Search } from '../search/index.ts'
import type { Store, StoredVersion } from '../store/index.ts'
import { countOf, indexType, typesConcerned, verifyType } from './index-pass.ts'
import {
  digestOf,
  readRecords,
  writeRecords,
  type ParameterRecords,
  type PassRecord,
} from './parameter-record.ts'
import { WriteEpochs } from './write-epochs.ts'

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

interface Entry {
  readonly id: string
  readonly versionId: number
  readonly digest: string
  readonly resource: Resource
  readonly parameter: CustomParameter
  readonly state: 'indexing' | 'live'
}

const RETRY_MS = 10_000
/** Resources between two reports of progress to the store and to searches. */
const REPORT_EVERY = 1000

export class CustomParameters {
  readonly #parts: CustomParametersParts
  readonly #epochs = new WriteEpochs()
  /** By id of the SearchParameter. */
  readonly #entries = new Map<string, Entry>()
  readonly #failed = new Map<string, { readonly url: string; readonly reason: string }>()
  #pass: PassRecord | undefined
  #total = 0
  #generation = 0
  #offered = ''
  #turn: Promise<unknown> = Promise.resolve()
  #saving: Promise<void> = Promise.resolve()
  #working: Promise<void> | undefined
  #stop: AbortController | undefined

  constructor(parts: CustomParametersParts) {
    this.#parts = parts
  }

  /** Counts up whenever searches are offered other parameters than before. */
  get generation(): number {
    return this.#generation
  }

  get status(): CustomParametersStatus {
    const indexing = this.#inState('indexing')
    return {
      indexing:
        indexing.length === 0
          ? undefined
          : {
              urls: indexing.map(({ parameter }) => parameter.url),
              done: this.#pass?.done ?? 0,
              total: this.#total,
            },
      failed: [...this.#failed.values()],
    }
  }

  /** Takes up what is stored. To be called once, before anything is written or extracted. */
  async load(): Promise<void> {
    const { store, report } = this.#parts
    const records = await readRecords(store)
    let open: { readonly version: StoredVersion; readonly resource: Resource; reason?: string }[] = []
    for await (const versions of store.maintenance.currentResources(200, { type: SEARCH_PARAMETER }))
      for (const version of versions) {
        const resource = parseJson(version.body as Buffer) as Resource
        if (resource['status'] === 'active') open.push({ version, resource })
      }
    // What a composite is made of comes before it, in as many rounds as that takes.
    for (let before = -1; open.length !== before; ) {
      before = open.length
      const refused: typeof open = []
      for (const one of open) {
        const { id, versionId } = one.version
        try {
          const [change] = await this.check([{ id, resource: one.resource }])
          this.#take(change as ParameterChange, versionId, records)
          this.#publish()
        } catch (error) {
          refused.push({ ...one, reason: (error as Error).message })
        }
      }
      open = refused
    }
    for (const { version, resource, reason = '' } of open) {
      const url = String(resource['url'] ?? `${SEARCH_PARAMETER}/${version.id}`)
      this.#failed.set(version.id, { url, reason })
      report({ kind: 'failed', url, reason })
    }
    this.#pass = records.pass
    if (Object.keys(records.parameters).length > 0 || this.#entries.size > 0) await this.#save()
  }

  /** Begins to index what waits for it, now and whenever more comes. */
  start(): void {
    this.#stop ??= new AbortController()
    this.#wake()
  }

  /** Stops where it stands; the next `start`, in this process or another, goes on from there. */
  async stop(): Promise<void> {
    this.#stop?.abort()
    await this.#working
    await this.#saving
  }

  /** To be called when every resource has been indexed anew: verifies that, and makes all of them live. */
  async reindexed(): Promise<void> {
    const indexing = this.#inState('indexing')
    if (indexing.length === 0) return
    const types = await this.#typesOf(indexing)
    this.#total = await countOf(this.#parts, types)
    await this.#complete(indexing, types, () => true)
    await this.#saving
  }

  /** A write of whatever type begins; the function is called when it has ended. */
  enter(): () => void {
    return this.#epochs.enter()
  }

  /** One at a time: what is checked must still be so when it is committed. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  /**
   * Whether these could stand beside the others; within `alone`, and before the commit.
   * @throws FhirError `business-rule`, naming the element, for what cannot be a parameter of this server
   */
  async check(writes: readonly ParameterWrite[]): Promise<readonly ParameterChange[]> {
    const written = new Set(writes.map(({ id }) => id))
    const others = [...this.#entries.values()].filter(({ id }) => !written.has(id)).map((it) => it.parameter)
    const changes: ParameterChange[] = []
    for (const { id, resource, told = (error: FhirError) => error } of writes) {
      if (resource?.['status'] !== 'active') changes.push({ id, next: undefined })
      else
        try {
          const parameter = await this.#parts.search.checkCustom(resource)
          requireDistinct(parameter, others)
          others.push(parameter)
          changes.push({ id, next: { resource, parameter } })
        } catch (error) {
          throw error instanceof FhirError ? told(asBusinessRule(error)) : error
        }
    }
    return changes
  }

  /** The changes are committed: from now on they hold for every write that begins. `versionIds` in their order. */
  committed(changes: readonly ParameterChange[], versionIds: readonly number[]): void {
    for (const [place, change] of changes.entries())
      this.#take(change, versionIds[place] as number, undefined)
    this.#publish()
    void this.#save()
    this.#refreshComposites(changes)
    this.#wake()
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

  /** Composites are made of other parameters, so a change of one is a change of them. */
  #refreshComposites(changes: readonly ParameterChange[]): void {
    const changed = new Set(changes.map(({ id }) => id))
    const affected = [...this.#entries.values()].filter(
      ({ id, resource, digest, parameter }) =>
        parameter.type === 'composite' &&
        !changed.has(id) &&
        digestOf(resource, this.#componentDigests(resource)) !== digest,
    )
    if (affected.length === 0) return
    void this.alone(async () => {
      for (const { id, resource, versionId, parameter } of affected) {
        if (this.#entries.get(id)?.versionId !== versionId) continue
        try {
          const [change] = await this.check([{ id, resource }])
          this.#take(change as ParameterChange, versionId, undefined)
        } catch (error) {
          this.#entries.delete(id)
          this.#fail(id, parameter.url, error)
        }
      }
      this.#publish()
      void this.#save()
      this.#wake()
    })
  }

  #inState(state: Entry['state']): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.state === state)
  }

  #publish(): void {
    const indexed = { done: this.#pass?.done ?? 0, total: this.#total }
    this.#parts.search.setCustom(
      [...this.#entries.values()]
        .filter(({ parameter }) => parameter.types.length > 0)
        .map(({ parameter, state }) => ({
          ...parameter,
          state,
          indexed: state === 'live' || this.#total === 0 ? undefined : indexed,
        })),
    )
    const offered = namesOf(this.#inState('live')).join()
    if (offered !== this.#offered) this.#generation++
    this.#offered = offered
  }

  /** In the order in which it is called; each writes what is so when its turn comes. A store that refuses is told of by whatever is written next. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(() =>
      writeRecords(this.#parts.store, {
        parameters: Object.fromEntries(
          [...this.#entries.values()].map(({ id, versionId, digest, state }) => [
            id,
            { versionId, digest, state },
          ]),
        ),
        pass: this.#pass,
      }).catch((error: unknown) => this.#parts.report({ kind: 'interrupted', error })),
    )
    return this.#saving
  }

  #wake(): void {
    if (this.#stop === undefined || this.#stop.signal.aborted || this.#working !== undefined) return
    const { signal } = this.#stop
    this.#working = this.#work(signal).finally(() => {
      this.#working = undefined
      if (this.#inState('indexing').length > 0) this.#wake()
    })
  }

  async #work(signal: AbortSignal): Promise<void> {
    // Whoever wrote the parameter is answered first.
    await pause(0, signal)
    while (!signal.aborted) {
      const waiting = this.#inState('indexing')
      if (waiting.length === 0) return
      try {
        await this.#index(waiting, signal)
      } catch (error) {
        this.#parts.report({ kind: 'interrupted', error })
        await pause(this.#parts.retryMs ?? RETRY_MS, signal)
      }
    }
  }

  /** Indexes by those of an earlier walk that was interrupted, or else by all that wait. */
  async #index(waiting: readonly Entry[], signal: AbortSignal): Promise<void> {
    const resumed = resumable(waiting, this.#pass)
    const entries = resumed ?? waiting
    if (resumed === undefined) this.#pass = undefined
    // Writes that were prepared without the parameters must be committed before the walk, or it might miss them.
    await this.#epochs.past()
    const types = await this.#typesOf(entries)
    this.#total = await countOf(this.#parts, types)
    const go = (): boolean =>
      !signal.aborted && entries.every((entry) => this.#entries.get(entry.id) === entry)
    this.#parts.report({ kind: 'indexing', urls: urlsOf(entries), resources: this.#total })
    let unreported = 0
    for (const type of types) {
      const from = this.#pass
      if (from !== undefined && type < from.type) continue
      const after = type === from?.type ? from.after : undefined
      const finished = await indexType(this.#parts, type, after, async (count, lastId) => {
        this.#pass = {
          parameters: namesOf(entries),
          type,
          after: lastId,
          done: Math.min((this.#pass?.done ?? 0) + count, this.#total),
        }
        unreported += count
        if (unreported >= REPORT_EVERY) {
          unreported = 0
          this.#publish()
          await this.#save()
        }
        return go()
      })
      if (!finished) {
        await this.#save()
        return
      }
    }
    await this.#complete(entries, types, go)
  }

  /** What is verified goes live. `go` says whether to go on. */
  async #complete(entries: readonly Entry[], types: readonly string[], go: () => boolean): Promise<void> {
    const parameters = entries.map(({ parameter }) => parameter)
    try {
      for (const type of types) if (!(await verifyType(this.#parts, type, parameters, go))) return
    } catch (error) {
      if (error instanceof FhirError) throw error
      for (const { id, parameter } of entries) {
        this.#entries.delete(id)
        this.#fail(id, parameter.url, error)
      }
      this.#finish()
      return
    }
    if (!go()) return
    for (const entry of entries) this.#entries.set(entry.id, { ...entry, state: 'live' })
    const resources = this.#total
    this.#finish()
    this.#parts.report({ kind: 'live', urls: urlsOf(entries), resources })
  }

  #finish(): void {
    this.#pass = undefined
    this.#total = 0
    this.#publish()
    void this.#save()
  }

  #fail(id: string, url: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#failed.set(id, { url, reason })
    this.#parts.report({ kind: 'failed', url, reason })
  }

  #typesOf(entries: readonly Entry[]): Promise<readonly string[]> {
    return typesConcerned(
      this.#parts,
      entries.map(({ parameter }) => parameter),
      this.#parts.definitions.resourceTypes,
    )
  }
}

/** Those that the interrupted walk was for, if they all still wait as they were. */
function resumable(waiting: readonly Entry[], pass: PassRecord | undefined): readonly Entry[] | undefined {
  if (pass === undefined) return undefined
  const entries = waiting.filter((entry) => pass.parameters.includes(nameOf(entry)))
  return entries.length > 0 && entries.length === pass.parameters.length ? entries : undefined
}

function nameOf({ id, versionId }: Entry): string {
  return `${id}@${versionId}`
}

function namesOf(entries: readonly Entry[]): readonly string[] {
  return entries.map(nameOf).toSorted()
}

function urlsOf(entries: readonly Entry[]): readonly string[] {
  return entries.map(({ parameter }) => parameter.url)
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
