// Indexes what is stored by the search parameters that wait for it, in the background, until all of it is verified.
import { FhirError, type Definitions } from '../fhir/index.ts'
import { countOf, indexType, typesConcerned, verifyType, type IndexPassParts } from './index-pass.ts'
import { nameOf, namesOf, urlsOf, type ParameterEntry } from './parameter-entry.ts'
import type { PassRecord } from './parameter-record.ts'
import type { WriteEpochs } from './write-epochs.ts'

export interface ParameterIndexingParts extends IndexPassParts {
  readonly definitions: Definitions
  readonly epochs: WriteEpochs
  readonly retryMs: number
  readonly report: (
    event:
      | { readonly kind: 'indexing' | 'live'; readonly urls: readonly string[]; readonly resources: number }
      | { readonly kind: 'interrupted'; readonly error: unknown },
  ) => void
}

/** Whose parameters they are. */
export interface ParameterIndexingOwner {
  /** Those that are being indexed, or are to be. */
  waiting(): readonly ParameterEntry[]
  /** Whether it is still as it was when indexing began. */
  isCurrent(entry: ParameterEntry): boolean
  /** `pass` or `total` has changed: to be shown, and remembered. */
  progressed(): Promise<void>
  live(entries: readonly ParameterEntry[]): void
  failed(entries: readonly ParameterEntry[], error: Error): void
}

/** Resources between two reports of progress. */
const REPORT_EVERY = 1000

export class ParameterIndexing {
  /** Where the walk is; from an earlier run at first. */
  pass: PassRecord | undefined
  /** Resources that the walk is to go through. */
  total = 0
  readonly #parts: ParameterIndexingParts
  readonly #owner: ParameterIndexingOwner
  #working: Promise<void> | undefined
  #stop: AbortController | undefined

  constructor(parts: ParameterIndexingParts, owner: ParameterIndexingOwner) {
    this.#parts = parts
    this.#owner = owner
  }

  start(): void {
    this.#stop ??= new AbortController()
    this.wake()
  }

  /** Resolves when it stands still; where, `pass` says. */
  async stop(): Promise<void> {
    this.#stop?.abort()
    await this.#working
  }

  /** To be called when more waits. */
  wake(): void {
    if (this.#stop === undefined || this.#stop.signal.aborted || this.#working !== undefined) return
    const { signal } = this.#stop
    this.#working = this.#work(signal).finally(() => {
      this.#working = undefined
      if (this.#owner.waiting().length > 0) this.wake()
    })
  }

  /** Verifies what somebody else has indexed. */
  async verifyAll(): Promise<void> {
    const entries = this.#owner.waiting()
    if (entries.length === 0) return
    const types = await this.#typesOf(entries)
    this.total = await countOf(this.#parts, types)
    await this.#complete(entries, types, () => true)
  }

  async #work(signal: AbortSignal): Promise<void> {
    // Whoever wrote the parameter is answered first.
    await pause(0, signal)
    while (!signal.aborted) {
      const waiting = this.#owner.waiting()
      if (waiting.length === 0) return
      try {
        await this.#index(waiting, signal)
      } catch (error) {
        const tooDear = thoseTooDear(waiting, error)
        if (tooDear.length > 0) {
          // Tried again it would take as long again, and the others would wait with it.
          this.#reset()
          this.#owner.failed(tooDear, error as Error)
          continue
        }
        this.#parts.report({ kind: 'interrupted', error })
        await pause(this.#parts.retryMs, signal)
      }
    }
  }

  /** Indexes by those of an earlier walk that was interrupted, or else by all that wait. */
  async #index(waiting: readonly ParameterEntry[], signal: AbortSignal): Promise<void> {
    const resumed = resumable(waiting, this.pass)
    const entries = resumed ?? waiting
    if (resumed === undefined) this.pass = undefined
    // Writes that were prepared without the parameters must be committed before the walk, or it might miss them.
    await this.#parts.epochs.past()
    const types = await this.#typesOf(entries)
    this.total = await countOf(this.#parts, types)
    const go = (): boolean => !signal.aborted && entries.every((entry) => this.#owner.isCurrent(entry))
    this.#parts.report({ kind: 'indexing', urls: urlsOf(entries), resources: this.total })
    let unreported = 0
    for (const type of types) {
      const from = this.pass
      if (from !== undefined && type < from.type) continue
      const after = type === from?.type ? from.after : undefined
      const finished = await indexType(this.#parts, type, after, async (count, lastId) => {
        const done = Math.min((this.pass?.done ?? 0) + count, this.total)
        this.pass = { parameters: namesOf(entries), type, after: lastId, done }
        unreported += count
        if (unreported >= REPORT_EVERY) {
          unreported = 0
          await this.#owner.progressed()
        }
        return go()
      })
      if (!finished) return this.#owner.progressed()
    }
    await this.#complete(entries, types, go)
  }

  /** What is verified goes live. `go` says whether to go on. */
  async #complete(
    entries: readonly ParameterEntry[],
    types: readonly string[],
    go: () => boolean,
  ): Promise<void> {
    const parameters = entries.map(({ parameter }) => parameter)
    try {
      for (const type of types) if (!(await verifyType(this.#parts, type, parameters, go))) return
    } catch (error) {
      // The store's own errors pass; what it answers wrongly does not.
      if (error instanceof FhirError) throw error
      this.#reset()
      return this.#owner.failed(entries, error as Error)
    }
    if (!go()) return
    const resources = this.total
    this.#reset()
    this.#owner.live(entries)
    this.#parts.report({ kind: 'live', urls: urlsOf(entries), resources })
  }

  #reset(): void {
    this.pass = undefined
    this.total = 0
  }

  #typesOf(entries: readonly ParameterEntry[]): Promise<readonly string[]> {
    return typesConcerned(
      this.#parts,
      entries.map(({ parameter }) => parameter),
      this.#parts.definitions.resourceTypes,
    )
  }
}

/** Those whose expression could not be evaluated of some resource in the time it may take; the error names them. */
function thoseTooDear(waiting: readonly ParameterEntry[], error: unknown): readonly ParameterEntry[] {
  if (!(error instanceof FhirError) || error.code !== 'too-costly') return []
  return waiting.filter(({ parameter }) => error.message.includes(`'${parameter.code}'`))
}

/** Those that the interrupted walk was for, if they all still wait as they were. */
function resumable(
  waiting: readonly ParameterEntry[],
  pass: PassRecord | undefined,
): readonly ParameterEntry[] | undefined {
  if (pass === undefined) return undefined
  const entries = waiting.filter((entry) => pass.parameters.includes(nameOf(entry)))
  return entries.length > 0 && entries.length === pass.parameters.length ? entries : undefined
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
