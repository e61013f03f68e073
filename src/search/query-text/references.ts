// References as search values (https://hl7.org/fhir/R4/search.html#reference).
import { ID_PATTERN, parseReference } from '../../fhir/index.ts'
import { localReferenceMatch, or, urlReferenceMatch, type Expression } from '../../store/index.ts'
import { identifierOf } from '../derived-parameters.ts'
import type { Registry } from '../registry.ts'
import type { Reading, ValueTarget } from './reading.ts'
import { lookedUp, quoted, SearchFault } from './refusal.ts'
import { tokenExpression } from './tokens.ts'

const HISTORY = /\/_history\/[A-Za-z0-9\-.]{1,64}$/

/**
 * An id, `[type]/[id]`, an absolute URL or a canonical one.
 * @param text without escapes
 * @param only the resource type named as the modifier
 */
export function referenceExpression(
  { name, param, targets, valueTypes }: ValueTarget,
  text: string,
  { definitions, baseUrl }: Reading,
  only?: string,
): Expression {
  const types = only === undefined ? targets : [only]
  if (ID_PATTERN.test(text)) return localReferenceMatch(param, types, text)
  const canonical = isCanonical(valueTypes)
  const parsed = parseReference(text, baseUrl)
  const wrong = (reason: string) =>
    new SearchFault(
      name,
      'value',
      `${quoted(text)} ${reason}. Right would be an id, [type]/[id] or an absolute URL.`,
    )
  switch (parsed.kind) {
    case 'local': {
      if (!definitions.isResourceType(parsed.type)) throw wrong('is of no type that R4 has')
      if (only !== undefined && only !== parsed.type) throw wrong(`is no ${only}, as the modifier says`)
      const local = localReferenceMatch(param, [parsed.type], parsed.id)
      return canonical ? or([local, urlReferenceMatch(param, text)]) : local
    }
    case 'absolute':
      return urlReferenceMatch(param, canonical ? text : parsed.url.replace(HISTORY, ''))
    case 'urn':
      return urlReferenceMatch(param, parsed.urn)
    case 'fragment':
    case 'conditional':
    case 'invalid':
      throw wrong('is not a reference')
  }
}

/** `:identifier`: the business identifier that stands in the reference, as a token. */
export function referenceIdentifier(target: ValueTarget, text: string): Expression {
  return tokenExpression(
    { ...target, param: identifierOf(target.param), type: 'token', valueTypes: ['Identifier'] },
    text,
  )
}

/**
 * `:above` and `:below`: the resource itself and what it is part of, or what is part of it. `:below` of a canonical:
 * every version of it.
 */
export async function referenceBy(
  target: ValueTarget,
  direction: 'above' | 'below',
  text: string,
  reading: Reading,
): Promise<Expression> {
  const { name, param, targets, valueTypes } = target
  const places = targets.filter((type) => isHierarchical(type, reading.registry))
  const parsed = parseReference(text, reading.baseUrl)
  const named = ID_PATTERN.test(text)
    ? { types: places, id: text }
    : parsed.kind === 'local' && places.includes(parsed.type)
      ? { types: [parsed.type], id: parsed.id }
      : undefined
  if (named === undefined || named.types.length === 0) {
    if (direction === 'below' && isCanonical(valueTypes) && parsed.kind !== 'local') {
      if (text.includes('|')) {
        throw new SearchFault(
          name,
          'not-supported',
          `${quoted(text)} asks for versions below a version, which are not told apart here. Right would be the URL ` +
            'alone, which finds every version, or the whole version without :below.',
        )
      }
      return referenceExpression(target, text, reading)
    }
    throw new SearchFault(
      name,
      'value',
      `${quoted(text)} is nothing that others are part of. Right would be an id or [type]/[id] of ` +
        `${places.length === 0 ? 'a canonical URL' : places.join(', ')}.`,
    )
  }
  const any: Expression[] = []
  for (const type of named.types) {
    const ids = await lookedUp(name, reading.lookup.placesBy(direction, type, named.id))
    reading.budget.spend(ids.length)
    any.push(...ids.map((id) => localReferenceMatch(param, [type], id)))
  }
  return or(any)
}

function isCanonical(valueTypes: readonly string[]): boolean {
  return valueTypes.some((it) => it === 'canonical' || it === 'uri')
}

/** Whether a resource of the type may be part of another of it (https://hl7.org/fhir/R4/search.html#recursive). */
export function isHierarchical(type: string, registry: Registry): boolean {
  const offered = registry.offered(type)
  return ['partof', 'part-of'].some((code) => offered.get(code)?.targets.includes(type) ?? false)
}
