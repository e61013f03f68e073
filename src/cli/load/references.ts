// References of what was loaded that may lead nowhere: gathered on the way, looked up at the end.
import { FhirError, isJsonObject, parseReference, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import type { Place } from './items.ts'

/** A reference that leads nowhere: a note, not a refusal. */
export interface DanglingReference {
  readonly file: string
  readonly line: number
  /** FHIRPath of the Reference. */
  readonly element: string
  /** The type referred to; its id is not told. */
  readonly type: string
}

/** Targets remembered at most; a set of this size takes about 200 MB. */
const MOST_TARGETS = 1_000_000
/** So each reference begins in JSON without white space; within a string the quotes would be escaped. */
const NAMED = '"reference":"'

export class ReferenceCheck {
  readonly #targets = new Map<string, { file: string; line: number; element: string }>()
  readonly #baseUrl: string
  #overflowed = false

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl
  }

  /** False when there were too many targets to remember them all. */
  get complete(): boolean {
    return !this.#overflowed
  }

  /**
   * Remembers where each local resource is referred to first. `prefix`: the path of the resource in its file.
   * @param text its JSON as `writeJson` would write it, if known: most name only what is remembered already
   */
  gather(resource: Resource, place: Place, prefix: string, text?: string): void {
    if (this.#overflowed || (text !== undefined && this.#knowsAllIn(text))) return
    eachReference(resource, [prefix === '' ? resource.resourceType : prefix], (reference, steps) => {
      // Of a relative one this is its text.
      if (this.#overflowed || this.#targets.has(reference)) return
      const parsed = parseReference(reference, this.#baseUrl)
      if (parsed.kind !== 'local') return
      const target = `${parsed.type}/${parsed.id}`
      if (this.#targets.has(target)) return
      if (this.#targets.size >= MOST_TARGETS) {
        this.#overflowed = true
        return
      }
      const path = pathOf(steps)
      this.#targets.set(target, { file: place.file, line: place.lineOf(path), element: path })
    })
  }

  #knowsAllIn(text: string): boolean {
    for (let at = text.indexOf(NAMED); at >= 0; at = text.indexOf(NAMED, at)) {
      at += NAMED.length
      // What has a quote or an escape in it is no relative reference to anything.
      if (!this.#targets.has(text.slice(at, text.indexOf('"', at)))) return false
    }
    return true
  }

  /** Looks every target up. */
  async *dangling(repository: Repository): AsyncGenerator<DanglingReference> {
    for (const [target, where] of this.#targets) {
      const [type = '', id = ''] = target.split('/')
      try {
        await repository.read(type, id)
      } catch (error) {
        if (!(error instanceof FhirError && (error.code === 'not-found' || error.code === 'deleted')))
          throw error
        yield { ...where, type }
      }
    }
  }
}

type Step = string | number

/** `steps` to the Reference: the path is made of them only where it is needed, for most targets are known. */
function eachReference(
  value: JsonValue | undefined,
  steps: Step[],
  visit: (reference: string, steps: readonly Step[]) => void,
): void {
  if (Array.isArray(value))
    for (let at = 0; at < value.length; at++) eachReferenceIn(value[at], at, steps, visit)
  else if (isJsonObject(value)) {
    const { reference } = value
    if (typeof reference === 'string') visit(reference, steps)
    for (const key of Object.keys(value)) eachReferenceIn(value[key], key, steps, visit)
  }
}

function eachReferenceIn(
  child: JsonValue | undefined,
  step: Step,
  steps: Step[],
  visit: (reference: string, steps: readonly Step[]) => void,
): void {
  if (typeof child !== 'object' || child === null) return
  steps.push(step)
  eachReference(child, steps, visit)
  steps.pop()
}

function pathOf(steps: readonly Step[]): string {
  return steps
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('')
}
