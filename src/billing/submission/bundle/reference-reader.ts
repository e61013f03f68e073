// Reads what a claim refers to, and gathers what cannot be read, so that all of it is told at once.
import { parseReference, type Issue, type JsonObject, type Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { objectsAt, textAt } from '../../elements.ts'

export interface ReferenceReader {
  /**
   * What a Reference points to, as far as the view shows it; undefined, and an issue, when it is not there, is elsewhere,
   * or is none of these types.
   * @param holder resource that has the reference, and perhaps contains what it points to
   * @param element FHIRPath of the reference, told where it leads to nothing
   */
  read(
    reference: JsonObject | undefined,
    types: readonly string[],
    holder: Resource,
    element: string,
  ): Promise<Resource | undefined>
  readonly issues: readonly Issue[]
}

export function createReferenceReader(view: Pick<WorldView, 'read'>, baseUrl: string): ReferenceReader {
  const issues: Issue[] = []
  const known = new Map<string, Promise<Resource | undefined>>()
  const stored = (type: string, id: string): Promise<Resource | undefined> => {
    const key = `${type}/${id}`
    const found = known.get(key) ?? view.read(type, id).then((version) => version?.resource)
    known.set(key, found)
    return found
  }
  const refuse = (code: 'required' | 'not-found' | 'value', element: string, what: string): undefined => {
    issues.push({ severity: 'error', code, diagnostics: `${element} ${what}.`, expression: element })
  }
  return {
    issues,
    async read(reference, types, holder, element) {
      const text = textAt(reference, 'reference')
      if (text === undefined) return refuse('required', element, `must refer to a ${types.join(' or ')}`)
      const parsed = parseReference(text, baseUrl)
      const found =
        parsed.kind === 'fragment'
          ? (objectsAt(holder, 'contained').find((one) => one['id'] === parsed.id) as Resource | undefined)
          : parsed.kind === 'local' && types.includes(parsed.type)
            ? await stored(parsed.type, parsed.id)
            : undefined
      if (found !== undefined && types.includes(found.resourceType)) return found
      return parsed.kind === 'local' && types.includes(parsed.type)
        ? refuse('not-found', element, 'refers to what is not there')
        : refuse('value', element, `must refer to a ${types.join(' or ')} of this server`)
    },
  }
}
