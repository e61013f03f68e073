// `_include` and `_revinclude` (https://hl7.org/fhir/R4/search.html#include).
import { nearestName, type SearchParameterDefinition } from '../../fhir/index.ts'
import type { Include } from '../../store/index.ts'
import type { ReadingParts } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'
import { few } from './parameter-value.ts'

/** More than this a search may not ask for. */
export const MOST_INCLUDES = 100

const DIRECTIONS = { _include: 'forward', _revinclude: 'reverse' } as const

/**
 * `[type]:[parameter]`, `[type]:[parameter]:[target type]`, `[type]:*` or `*`.
 * @param name as written, with its modifier
 * @param types what the matches may be
 * @throws SearchFault
 */
export function readInclude(
  name: string,
  code: keyof typeof DIRECTIONS,
  modifier: string | undefined,
  value: string,
  types: readonly string[],
  { registry, definitions }: Pick<ReadingParts, 'registry' | 'definitions'>,
): Include {
  const fault = (text: string, kind: 'value' | 'not-supported' = 'value') => new SearchFault(name, kind, text)
  if (modifier !== undefined && modifier !== 'iterate' && modifier !== 'recurse')
    throw fault(`${quoted(modifier)} is no modifier of it. Supported: iterate.`, 'not-supported')
  if (value === '') throw fault('it has no value.')
  const direction = DIRECTIONS[code]
  const iterate = modifier !== undefined
  const [only] = types.length === 1 ? types : []
  if (value === '*') {
    const source = direction === 'forward' && !iterate ? only : undefined
    return { direction, iterate, source, param: undefined, target: undefined }
  }
  const [source = '', param, target, ...others] = value.split(':')
  if (param === undefined || param === '' || target === '' || others.length > 0) {
    const example = direction === 'forward' ? (only ?? '[type]') : '[type]'
    throw fault(
      `${quoted(value)} is none of ${example}:[parameter], ${example}:[parameter]:[target type], ${example}:* or *.`,
    )
  }
  for (const type of target === undefined ? [source] : [source, target]) {
    if (definitions.isResourceType(type)) continue
    const near = nearestName(type, definitions.resourceTypes)
    throw fault(
      `${quoted(type)} is no resource type.${near === undefined ? '' : ` Did you mean ${quoted(near)}?`}`,
    )
  }
  const references = [...registry.offered(source).values()].filter((it) => it.type === 'reference')
  const followed = param === '*' ? references : references.filter((it) => it.code === param)
  if (param !== '*' && followed.length === 0) throw fault(noReference(source, param, references))
  const targets = new Set(followed.flatMap((it) => it.targets))
  if (target !== undefined && !targets.has(target))
    throw fault(`${source}:${param} never refers to ${target}.`)
  if (!iterate) requireMatches(direction, source, param, target, types, targets, fault)
  return { direction, iterate, source, param: param === '*' ? undefined : param, target }
}

/** Without `:iterate` includes are about the matches alone. */
function requireMatches(
  direction: Include['direction'],
  source: string,
  param: string,
  target: string | undefined,
  types: readonly string[],
  targets: ReadonlySet<string>,
  fault: (text: string) => SearchFault,
): void {
  const iterated = 'for what is itself included, right would be the modifier :iterate'
  if (direction === 'forward') {
    if (!types.includes(source))
      throw fault(`${source} is not what is searched (${few(types)}); ${iterated}.`)
    return
  }
  const reached = target === undefined ? types.some((type) => targets.has(type)) : types.includes(target)
  if (!reached)
    throw fault(`${source}:${param} does not lead to what is searched (${few(types)}); ${iterated}.`)
}

function noReference(
  source: string,
  param: string,
  references: readonly SearchParameterDefinition[],
): string {
  const codes = references.map((it) => it.code)
  const near = nearestName(param, codes)
  const hint = near === undefined ? '' : ` Did you mean ${quoted(near)}?`
  const known = codes.length === 0 ? 'It has none at all.' : `It has: ${codes.join(', ')}.`
  return `${source} has no reference parameter ${quoted(param)}.${hint} ${known}`
}
