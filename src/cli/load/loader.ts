// Loads items through a Repository, many at once so that they share commits, and keeps account of each.
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { FhirError, ID_PATTERN, isJsonObject, type Issue, type Resource } from '../../fhir/index.ts'
import type { Repository, WriteOutcome, WriteRequest } from '../../repository/index.ts'
import type { ExecuteBundle } from './bundle.ts'
import type { Item, Place } from './items.ts'
import { withoutValues } from './discretion.ts'
import type { ReferenceCheck } from './references.ts'

export interface Refusal {
  readonly file: string
  readonly line: number
  /** FHIRPath within the file; '' for the whole. */
  readonly element: string
  readonly rule: string
}

export interface LoadAccount {
  created: number
  updated: number
  unchanged: number
  deleted: number
  /** Resources, Bundles and entries that were not taken. */
  refused: number
  /** Why, in no order; no more than `MOST_REFUSALS` are kept. */
  readonly refusals: Refusal[]
  /** Warnings that came with writes (ALCOVE_VALIDATION=warn). */
  readonly warnings: Refusal[]
}

export const MOST_REFUSALS = 100_000

export interface LoaderParts {
  readonly repository: Repository
  readonly executeBundle: ExecuteBundle
  readonly references: ReferenceCheck | undefined
  /** Resources beyond which no further item is begun; a Bundle counts as many as it has, `RESOURCE_BYTES` of text as one. */
  readonly mostUnderWay: number
  readonly stop: AbortSignal
}

/** A transaction that a later one may yet make possible: what it refers to was not there. */
const MAY_SUCCEED_LATER: ReadonlySet<string> = new Set(['business-rule', 'precondition-failed', 'not-found'])
const MOST_DEFERRED = 1000
const RESOURCE_BYTES = 8192
/** Resources after which what the store has answered is heard: it is to have the next before it has done with the last. */
const RESOURCES_A_TURN = 16

export class Loader {
  readonly account: LoadAccount = {
    created: 0,
    updated: 0,
    unchanged: 0,
    deleted: 0,
    refused: 0,
    refusals: [],
    warnings: [],
  }
  readonly #parts: LoaderParts
  /** Resources being worked on. */
  #underWay = 0
  #sinceTurn = 0
  /** To be called when one of them is done. */
  #ended: () => void = () => {}
  /** Writes of one resource keep the order of the input. */
  readonly #byKey = new Map<string, Promise<void>>()
  #deferred: Extract<Item, { kind: 'bundle' }>[] = []
  #failure: unknown

  constructor(parts: LoaderParts) {
    this.#parts = parts
  }

  /**
   * Takes an item on. What it returns must be awaited before the next may come.
   * @throws FhirError `storage-failed`, after which nothing more can be loaded
   */
  add(item: Item): Promise<void> | undefined {
    if (item.kind === 'fault') {
      this.#refuse(item.place, [{ element: item.element, rule: item.rule }])
      return undefined
    }
    this.#rethrow()
    const size = sizeOf(item)
    if (item.kind === 'bundle') void this.#run(this.#bundle(item, true), size)
    else this.#resource(item, size)
    this.#sinceTurn += size
    const isTurn = this.#sinceTurn >= RESOURCES_A_TURN
    return isTurn || this.#underWay >= this.#parts.mostUnderWay ? this.#room() : undefined
  }

  async #room(): Promise<void> {
    this.#sinceTurn = 0
    await turn()
    while (this.#underWay >= this.#parts.mostUnderWay) await this.#oneEnded()
    this.#rethrow()
  }

  /** Waits for what is under way, and tries once more what was refused for want of something loaded after it. */
  async finish(): Promise<void> {
    await this.#settle()
    for (let before = Infinity; this.#deferred.length > 0 && !this.#parts.stop.aborted; ) {
      const again = this.#deferred
      const last = again.length >= before
      before = again.length
      this.#deferred = []
      for (const item of again) await this.#bundle(item, !last)
    }
    for (const { place } of this.#deferred)
      this.#refuse(place, [{ element: '', rule: 'stopped before it was loaded' }])
    this.#rethrow()
  }

  async #settle(): Promise<void> {
    while (this.#underWay > 0) await this.#oneEnded()
    this.#rethrow()
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #oneEnded(): Promise<void> {
    return new Promise((resolve) => (this.#ended = resolve))
  }

  /** @param resources that it counts for */
  async #run(work: Promise<void>, resources: number): Promise<void> {
    this.#underWay += resources
    try {
      await work
    } catch (error) {
      this.#failure ??= error
    }
    this.#underWay -= resources
    this.#ended()
  }

  #resource(item: Extract<Item, { kind: 'resource' }>, size: number): void {
    const { place, resource, text } = item
    const { resourceType: type, id } = resource
    if (id === undefined) {
      void this.#run(this.#write(item, { kind: 'create', type, resource, text }), size)
      return
    }
    if (typeof id !== 'string' || !ID_PATTERN.test(id)) {
      this.#refuse(place, [
        { element: pathWithin(place.prefix, `${type}.id`), rule: 'must be 1 to 64 letters, digits, - and .' },
      ])
      return
    }
    const key = `${type}/${id}`
    const request: WriteRequest = { kind: 'update', target: { type, id }, resource, text }
    const running = this.#run(this.#write(item, request, this.#byKey.get(key)), size)
    this.#byKey.set(key, running)
    void running.then(() => {
      if (this.#byKey.get(key) === running) this.#byKey.delete(key)
    })
  }

  /** @param before what must have ended first */
  async #write(
    { place, resource, text }: Extract<Item, { kind: 'resource' }>,
    request: WriteRequest,
    before?: Promise<void>,
  ): Promise<void> {
    if (before !== undefined) await before
    try {
      const { outcome, warnings } = await patiently(() => this.#parts.repository.write(request))
      this.#count(outcome)
      if (warnings.length > 0) this.#warn(place, warnings, resource)
      this.#parts.references?.gather(resource, place, place.prefix, text)
    } catch (error) {
      this.#refuse(place, reasons(error, place.prefix, resource))
    }
  }

  async #bundle(item: Extract<Item, { kind: 'bundle' }>, mayDefer: boolean): Promise<void> {
    const { place, bundle } = item
    try {
      const { outcomes, refused } = await patiently(() =>
        this.#parts.executeBundle(bundle, this.#parts.repository),
      )
      for (const outcome of outcomes) this.#count(outcome)
      for (const { entry, issues } of refused)
        this.#refuse(place, issues.map(reasonOf(`Bundle.entry[${entry}].resource`, bundle)))
      const entries = Array.isArray(bundle['entry']) ? bundle['entry'] : []
      for (const [index, entry] of entries.entries())
        if (
          isJsonObject(entry) &&
          isJsonObject(entry['resource']) &&
          !refused.some((it) => it.entry === index)
        )
          this.#parts.references?.gather(
            entry['resource'] as Resource,
            place,
            `Bundle.entry[${index}].resource`,
          )
    } catch (error) {
      if (
        mayDefer &&
        error instanceof FhirError &&
        MAY_SUCCEED_LATER.has(error.code) &&
        this.#deferred.length < MOST_DEFERRED
      )
        this.#deferred.push(item)
      else this.#refuse(place, reasons(error, '', bundle))
    }
  }

  #count(outcome: WriteOutcome['outcome']): void {
    if (outcome === 'created' || outcome === 'updated' || outcome === 'deleted') this.account[outcome]++
    else this.account.unchanged++
  }

  #warn(place: Place, warnings: readonly Issue[], resource: Resource): void {
    for (const { element, rule } of warnings.map(reasonOf(place.prefix, resource)))
      if (this.account.warnings.length < MOST_REFUSALS)
        this.account.warnings.push({ file: place.file, line: place.lineOf(element), element, rule })
  }

  #refuse(place: Place, list: readonly { readonly element: string; readonly rule: string }[]): void {
    this.account.refused++
    for (const { element, rule } of list)
      if (this.account.refusals.length < MOST_REFUSALS)
        this.account.refusals.push({
          file: place.file,
          line: place.lineOf(element === '' ? undefined : element),
          element,
          rule,
        })
  }
}

function sizeOf(item: Exclude<Item, { kind: 'fault' }>): number {
  const entries = item.kind === 'bundle' ? item.bundle['entry'] : undefined
  return 1 + (Array.isArray(entries) ? entries.length : 0) + Math.floor(item.bytes / RESOURCE_BYTES)
}

/** Waits as told when the store's queue is full. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof FhirError) || error.code !== 'overloaded') throw error
      await delay((error.retryAfterSeconds ?? 1) * 1000)
    }
  }
}

/** `root`: the resource or Bundle that was refused. @throws the error itself when it is not about the input */
function reasons(error: unknown, prefix: string, root: Resource): { element: string; rule: string }[] {
  if (!(error instanceof FhirError) || error.code === 'storage-failed' || error.code === 'internal')
    throw error
  return error.issues.filter((it) => it.severity !== 'information').map(reasonOf(prefix, root))
}

function reasonOf(prefix: string, root: Resource): (issue: Issue) => { element: string; rule: string } {
  return ({ expression = '', diagnostics }) => ({
    element: pathWithin(prefix, expression),
    rule: withoutValues(
      diagnostics,
      root,
      root.resourceType === 'Bundle' ? pathWithin(prefix, expression) : expression,
    ),
  })
}

/** `Patient.name` of the resource at `Bundle.entry[2].resource` is `Bundle.entry[2].resource.name` of the file. */
function pathWithin(prefix: string, expression: string): string {
  if (prefix === '' || expression.startsWith('Bundle.entry')) return expression
  return prefix + expression.replace(/^[A-Za-z]+/, '')
}
