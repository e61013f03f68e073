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

  /** Remembers where each local resource is referred to first. `prefix`: the path of the resource in its file. */
  gather(resource: Resource, place: Place, prefix: string): void {
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
  value: JsonValue,
  steps: Step[],
  visit: (reference: string, steps: readonly Step[]) => void,
): void {
  const into = (child: JsonValue | undefined, step: Step): void => {
    if (typeof child !== 'object' || child === null) return
    steps.push(step)
    eachReference(child, steps, visit)
    steps.pop()
  }
  if (Array.isArray(value)) value.forEach(into)
  else if (isJsonObject(value)) {
    const { reference } = value
    if (typeof reference === 'string') visit(reference, steps)
    for (const key of Object.keys(value)) into(value[key], key)
  }
}

function pathOf(steps: readonly Step[]): string {
  return steps
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('')
}
