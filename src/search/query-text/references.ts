// References as search values (https://hl7.org/fhir/R4/search.html#reference).
import { ID_PATTERN, parseReference, type Definitions } from '../../fhir/index.ts'
import { localReferenceMatch, or, urlReferenceMatch, type Expression } from '../../store/index.ts'
import { quoted, SearchFault } from './refusal.ts'

export interface ReferenceRules {
  readonly definitions: Definitions
  readonly baseUrl: string
  /** The types that a bare id may be of: those of the parameter, or the one of the modifier. */
  readonly targets: readonly string[]
  /** The resource type named as the modifier. */
  readonly typed: boolean
  /** Whether the parameter is about canonicals, which a URL below the base may be too. */
  readonly canonical: boolean
}

const HISTORY = /\/_history\/[A-Za-z0-9\-.]{1,64}$/

/** `parameter` as written, with its modifier; `code` without. */
export function referenceExpression(
  parameter: string,
  code: string,
  text: string,
  rules: ReferenceRules,
): Expression {
  const { definitions, baseUrl, targets, typed, canonical } = rules
  if (ID_PATTERN.test(text)) return localReferenceMatch(code, targets, text)
  const parsed = parseReference(text, baseUrl)
  const wrong = (reason: string) =>
    new SearchFault(
      parameter,
      'value',
      `${quoted(text)} ${reason}. Right would be an id, [type]/[id] or an absolute URL.`,
    )
  switch (parsed.kind) {
    case 'local': {
      if (!definitions.isResourceType(parsed.type)) throw wrong('is of no type that R4 has')
      if (typed && !targets.includes(parsed.type))
        throw wrong(`is no ${targets.join()}, as the modifier says`)
      const local = localReferenceMatch(code, [parsed.type], parsed.id)
      return canonical ? or([local, urlReferenceMatch(code, text)]) : local
    }
    case 'absolute':
      return urlReferenceMatch(code, canonical ? text : parsed.url.replace(HISTORY, ''))
    case 'urn':
      return urlReferenceMatch(code, parsed.urn)
    case 'fragment':
    case 'conditional':
    case 'invalid':
      throw wrong('is not a reference')
  }
}
