// Brings the labels of what is stored up to the rules in force, and to what they take from others: in the background,
// going on where it stood after a restart.
import { FhirError } from '../fhir/index.ts'
import type { ResourceKey, SecurityLabel, Store } from '../store/index.ts'
import { nameOf } from './labelling/label-graph.ts'
import type { LabelChange } from './labelling/labelling.ts'
import type { LabelsLater } from './labelling/raising.ts'
import {
  addTo,
  NOTHING_DONE,
  readRecord,
  writeRecord,
  type PassRecord,
  type RelabelRecord,
} from './relabel-record.ts'
import { breathe } from './breathe.ts'

export interface RelabelStatus {
  /** `interrupted`: it is tried again, or goes on when the server does. */
  readonly state: 'idle' | 'running' | 'interrupted' | 'finished'
  /** Resources gone through, and all that there were when it began. */
  readonly done: number
  readonly total: number
  /** How often the labels of a resource have changed. */
  readonly changed: number
  /** How often a label has come or gone, by `system|code`; and how often those of a type have changed. */
  readonly added: Readonly<Record<string, number>>
  readonly removed: Readonly<Record<string, number>>
  readonly byType: Readonly<Record<string, number>>
  /** Milliseconds since 1970. */
  readonly started: number | undefined
  readonly finished: number | undefined
  /** Resources of which all that depends on them waits to be gone through. */
  readonly pending: number
  /** `Type/id` of resources that failed again and again, and are passed over until everything is gone through anew. */
  readonly setAside: readonly string[]
  /** Of the rules that it goes by. */
  readonly rules: string
}

export type RelabelEvent =
  | { readonly kind: 'begun'; readonly total: number }
  | { readonly kind: 'finished'; readonly done: number; readonly changed: number }
  | { readonly kind: 'interrupted'; readonly error: unknown }
  /** `Type/id`; what it fails with might tell of what is in it. */
  | { readonly kind: 'set-aside'; readonly resource: string }

export interface RelabellingParts {
  readonly store: Store
  readonly resourceTypes: readonly string[]
  /** Of the rules in force. */
  readonly digest: () => string
  /** Resolves to all that has changed. */
  readonly relabel: (key: ResourceKey) => Promise<readonly LabelChange[]>
  /** Resolves when all writes have ended that had begun when it was called. */
  readonly past: () => Promise<void>
  readonly report: (event: RelabelEvent) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** After how many milliseconds it is tried again when the store has failed. */
  readonly retryMs?: number
}

const BATCH = 100
/** Resources between two notes of how far it is. */
const NOTE_EVERY = 1000
const RETRY_MS = 10_000
/** How often a resource may fail in a row before it is set aside, and how many may be. */
const MOST_TRIES = 5
const MOST_SET_ASIDE = 1000

export class Relabelling implements LabelsLater {
  readonly #parts: RelabellingParts
  #record: RelabelRecord = NOTHING_DONE
  /** Resources of which all that depends on them is to be gone through, and the one whose turn it is. */
  readonly #due = new Set<string>()
  #lowering: string | undefined
  /** Those of which a write that is under way has raised all that depends on them. */
  readonly #noted = new Set<string>()
  #saving: Promise<void> = Promise.resolve()
  #working: Promise<void> | undefined
  #beginning: Promise<PassRecord> | undefined
  #stop: AbortController | undefined
  #retry: NodeJS.Timeout | undefined
  #failed = false
  /** The resource that failed last, and how often in a row. */
  #stumbled: { readonly name: string; readonly times: number } | undefined

  constructor(parts: RelabellingParts) {
    this.#parts = parts
  }

  get status(): RelabelStatus {
    const { pass, last, pending, setAside } = this.#record
    const shown = pass ?? last
    const running = this.#isDue || this.#due.size > 0 || this.#working !== undefined
    const state = !running
      ? last === undefined
        ? 'idle'
        : 'finished'
      : this.#stands
        ? 'interrupted'
        : 'running'
    return {
      state,
      done: shown?.done ?? 0,
      total: shown?.total ?? 0,
      changed: shown?.changed ?? 0,
      added: shown?.added ?? {},
      removed: shown?.removed ?? {},
      byType: shown?.byType ?? {},
      started: shown?.started,
      finished: running ? undefined : last?.finished,
      pending: pending.length,
      setAside,
      rules: this.#parts.digest(),
    }
  }

  get #stands(): boolean {
    return this.#failed || this.#stop === undefined || this.#stop.signal.aborted
  }

  /** Whether there is a walk to begin, or to go on with. */
  get #isDue(): boolean {
    const { labelledBy, pass } = this.#record
    return pass !== undefined || labelledBy !== this.#parts.digest()
  }

  /** Takes up what an earlier process has left. To be called once, when the rules are loaded. */
  async load(): Promise<void> {
    this.#record = await readRecord(this.#parts.store)
    for (const name of this.#record.pending) this.#due.add(name)
  }

  /** Begins with what is to be done, now and whenever there is more. */
  start(): void {
    this.#stop ??= new AbortController()
    this.#wake()
  }

  /** Stops where it stands, for good; the next process goes on from there. */
  async stop(): Promise<void> {
    clearTimeout(this.#retry)
    this.#stop ??= new AbortController()
    this.#stop.abort()
    await this.#working
    if (this.#record.pass !== undefined) await this.#save({})
    await this.#saving
  }

  /**
   * To be called when other rules are in force: whatever is stored is gone through, from its beginning. Should they be
   * as before once more, what was written meanwhile is not.
   */
  async rulesChanged(): Promise<void> {
    const saved = this.#save({ labelledBy: undefined, pass: undefined })
    this.#wake()
    await this.#told(saved)
  }

  /** As when the rules change: what is stored is gone through from the beginning. */
  everything(): Promise<void> {
    return this.rulesChanged()
  }

  /** Goes through everything, unless it is being gone through. */
  async request(): Promise<RelabelStatus> {
    if (this.#record.pass === undefined) await this.#begin()
    this.#wake()
    return this.status
  }

  /** Resolves when nothing is left to be done; for commands, which wait for it. */
  async whenDone(progress: (status: RelabelStatus) => void): Promise<RelabelStatus> {
    this.start()
    const shown = setInterval(() => progress(this.status), 200)
    try {
      while (this.#working !== undefined) {
        await this.#working
        // A resource's own fault needs no time to pass.
        if (this.#stumbled !== undefined) this.#wake()
      }
    } finally {
      clearInterval(shown)
    }
    progress(this.status)
    return this.status
  }

  async note(keys: readonly ResourceKey[]): Promise<void> {
    for (const key of keys) this.#noted.add(nameOf(key))
    await this.#savePending()
  }

  async settled(keys: readonly ResourceKey[]): Promise<void> {
    for (const key of keys) this.#noted.delete(nameOf(key))
    await this.#told(this.#savePending())
  }

  async recompute(keys: readonly ResourceKey[]): Promise<void> {
    for (const key of keys) this.#due.add(nameOf(key))
    const saved = this.#savePending()
    this.#wake()
    await this.#told(saved)
  }

  /** Once, whoever asks for it meanwhile. */
  #begin(): Promise<PassRecord> {
    this.#beginning ??= this.#newPass().finally(() => (this.#beginning = undefined))
    return this.#beginning
  }

  async #newPass(): Promise<PassRecord> {
    const { store, digest, now } = this.#parts
    const total = (await store.maintenance.counts()).resources
    const pass: PassRecord = {
      rules: digest(),
      started: now(),
      total,
      done: 0,
      changed: 0,
      added: {},
      removed: {},
      byType: {},
      type: undefined,
      after: undefined,
      finished: undefined,
    }
    this.#stumbled = undefined
    await this.#save({ pass, setAside: [] })
    return pass
  }

  #wake(): void {
    if (this.#stop === undefined || this.#stop.signal.aborted || this.#working !== undefined) return
    if (!this.#isDue && this.#due.size === 0) return
    const { signal } = this.#stop
    clearTimeout(this.#retry)
    this.#working = this.#work(signal)
      .then(
        () => {
          this.#failed = false
        },
        (error: unknown) => {
          if (signal.aborted) return
          this.#failed = true
          this.#parts.report({ kind: 'interrupted', error })
          this.#retry = setTimeout(() => this.#wake(), this.#parts.retryMs ?? RETRY_MS).unref()
        },
      )
      .finally(() => {
        this.#working = undefined
        if (!this.#failed) this.#wake()
      })
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (const name of this.#due) {
      if (signal.aborted) return
      await this.#lower(name, signal)
    }
    while (this.#isDue && !signal.aborted) {
      const { pass } = this.#record
      const goesOn = pass !== undefined && pass.rules === this.#parts.digest()
      await this.#pass(goesOn ? pass : await this.#begin(), signal)
    }
  }

  /** All that depends on it. */
  async #lower(name: string, signal: AbortSignal): Promise<void> {
    this.#due.delete(name)
    this.#lowering = name
    let finished = false
    try {
      finished = await this.#relabelReferrers(keyOf(name), signal)
    } finally {
      this.#lowering = undefined
      if (!finished) this.#due.add(name)
    }
    await this.#savePending()
  }

  /** The resource itself, and then what refers to it. Whether it came to its end. */
  async #relabelReferrers(key: ResourceKey, signal: AbortSignal): Promise<boolean> {
    const { store } = this.#parts
    await this.#relabel(key)
    let behind: ResourceKey | undefined
    for (;;) {
      const page = await store.referrers(key, BATCH, behind)
      for (const [step, referrer] of page.entries()) {
        if (signal.aborted) return false
        await breathe(step)
        await this.#relabel(referrer)
      }
      behind = page.at(-1)
      if (page.length < BATCH) return true
    }
  }

  async #pass(begun: PassRecord, signal: AbortSignal): Promise<void> {
    const { store, resourceTypes, past, report, now } = this.#parts
    if (begun.type === undefined) report({ kind: 'begun', total: begun.total })
    // What began by other rules ends before it is gone through.
    await past()
    let pass = begun
    const types = resourceTypes.toSorted().filter((type) => begun.type === undefined || type >= begun.type)
    for (const type of types) {
      const after = type === begun.type ? begun.after : undefined
      for await (const versions of store.maintenance.currentResources(BATCH, { type, after })) {
        let next = pass
        for (const [step, { id }] of versions.entries()) {
          if (signal.aborted) break
          await breathe(step)
          const changes = await this.#relabel({ type, id }).catch((error: unknown) => {
            // It goes on behind what is done.
            if (this.#record.pass === pass) this.#record = { ...this.#record, pass: next }
            throw error
          })
          const done = next.done + 1
          next = { ...counted(next, changes), done, total: Math.max(done, next.total), type, after: id }
        }
        // Another walk is to begin, by other rules.
        if (this.#record.pass !== pass) return
        const isNoted = Math.floor(next.done / NOTE_EVERY) > Math.floor(pass.done / NOTE_EVERY)
        pass = next
        if (isNoted) await this.#save({ pass })
        else this.#record = { ...this.#record, pass }
        if (signal.aborted) return
      }
    }
    if (this.#record.pass !== pass) return
    await this.#save({ pass: undefined, last: { ...pass, finished: now() }, labelledBy: begun.rules })
    report({ kind: 'finished', done: pass.done, changed: pass.changed })
  }

  /** One that fails again and again is set aside, so that the others come to their turn. */
  async #relabel(key: ResourceKey): Promise<readonly LabelChange[]> {
    const name = nameOf(key)
    const { setAside } = this.#record
    if (setAside.includes(name)) return []
    try {
      const changes = await this.#parts.relabel(key)
      if (this.#stumbled?.name === name) this.#stumbled = undefined
      return changes
    } catch (error) {
      const times = this.#stumbled?.name === name ? this.#stumbled.times + 1 : 1
      const isItsFault = !isOfTheStore(error) && setAside.length < MOST_SET_ASIDE
      this.#stumbled = isItsFault && times < MOST_TRIES ? { name, times } : undefined
      if (!isItsFault || times < MOST_TRIES) throw error
      await this.#setAside(name)
      return []
    }
  }

  /** Where this cannot be noted, it is the store that fails. */
  async #setAside(name: string): Promise<void> {
    const { setAside } = this.#record
    try {
      await this.#save({ setAside: [...setAside, name] })
    } catch (error) {
      this.#record = { ...this.#record, setAside }
      throw error
    }
    this.#parts.report({ kind: 'set-aside', resource: name })
  }

  /**
   * What is noted because of a write that is committed is no part of that write, and its failure none of it. It is done
   * in this process all the same, and noted with what is noted next.
   */
  #told(saved: Promise<void>): Promise<void> {
    return saved.catch((error: unknown) => this.#parts.report({ kind: 'interrupted', error }))
  }

  #savePending(): Promise<void> {
    const lowering = this.#lowering === undefined ? [] : [this.#lowering]
    return this.#save({ pending: [...new Set([...lowering, ...this.#due, ...this.#noted])] })
  }

  /** One after another, each what is so when its turn comes. */
  #save(change: Partial<RelabelRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change }
    const saved = this.#saving.then(() => writeRecord(this.#parts.store, this.#record))
    this.#saving = saved.catch(() => {})
    return saved
  }
}

function isOfTheStore(error: unknown): boolean {
  return error instanceof FhirError && (error.code === 'storage-failed' || error.code === 'overloaded')
}

function counted(pass: PassRecord, changes: readonly LabelChange[]): PassRecord {
  if (changes.length === 0) return pass
  return {
    ...pass,
    changed: pass.changed + changes.length,
    added: addTo(
      pass.added,
      changes.flatMap(({ added }) => added.map(labelName)),
    ),
    removed: addTo(
      pass.removed,
      changes.flatMap(({ removed }) => removed.map(labelName)),
    ),
    byType: addTo(
      pass.byType,
      changes.map(({ type }) => type),
    ),
  }
}

function labelName({ system, code }: SecurityLabel): string {
  return `${system}|${code}`
}

function keyOf(name: string): ResourceKey {
  const [type = '', id = ''] = name.split('/')
  return { type, id }
}
