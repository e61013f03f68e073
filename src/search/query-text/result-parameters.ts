// Parameters that order, page and widen a search's result (https://hl7.org/fhir/R4/search.html#return).
import { nearestName, type Definitions } from '../../fhir/index.ts'
import type { Include, SortKey } from '../../store/index.ts'
import type { Registry } from '../registry.ts'
import { quoted, SearchFault } from './refusal.ts'

/** All that `parse` reads, `_cursor` being the server's own: where the page before ended. */
export const RESULT_PARAMETERS = ['_count', '_sort', '_include', '_total', '_cursor'] as const

export type ResultParameter = (typeof RESULT_PARAMETERS)[number]

export function isResultParameter(name: string): name is ResultParameter {
  return (RESULT_PARAMETERS as readonly string[]).includes(name)
}

/** Matches a page, at most `maxCount`. */
export function readCount(value: string, maxCount: number): number {
  if (!/^[0-9]+$/.test(value)) {
    throw new SearchFault('_count', 'value', `${quoted(value)} is not a whole number of 0 or more.`)
  }
  return Math.min(Number(value), maxCount)
}

export function readSort(value: string): SortKey {
  if (value === '_lastUpdated') return { by: 'lastUpdated', descending: false }
  if (value === '-_lastUpdated') return { by: 'lastUpdated', descending: true }
  throw new SearchFault(
    '_sort',
    'not-supported',
    `sorting by ${quoted(value)} is not supported yet. Supported: _lastUpdated, -_lastUpdated.`,
  )
}

/** An estimate is given exactly. */
export function readTotal(value: string): 'none' | 'accurate' {
  if (value === 'none') return 'none'
  if (value === 'accurate' || value === 'estimate') return 'accurate'
  throw new SearchFault('_total', 'value', `${quoted(value)} is none of none, estimate, accurate.`)
}

/** `[type]:[parameter]`, `[type]:[parameter]:[target type]`, `[type]:*` or `*`. */
export function readInclude(
  type: string,
  value: string,
  registry: Registry,
  definitions: Definitions,
): Include {
  const fault = (text: string) => new SearchFault('_include', 'value', text)
  const [source = '', code, target, ...others] = value === '*' ? [type, '*'] : value.split(':')
  const form = `${type}:[parameter], ${type}:[parameter]:[target type] or *`
  if (code === undefined || others.length > 0) throw fault(`${quoted(value)} is none of ${form}.`)
  if (!definitions.isResourceType(source)) {
    const near = nearestName(source, definitions.resourceTypes)
    const hint = near === undefined ? '' : ` Did you mean ${quoted(near)}?`
    throw fault(`${quoted(source)} is no resource type.${hint}`)
  }
  if (source !== type) throw fault(`only ${type} is searched, so right would be ${form}.`)
  if (target !== undefined && !definitions.isResourceType(target)) {
    throw fault(`${quoted(target)} is no resource type.`)
  }
  if (code === '*') return { direction: 'forward', iterate: false, source, param: undefined, target }
  const references = [...registry.offered(type).values()].filter((it) => it.type === 'reference')
  const parameter = references.find((it) => it.code === code)
  if (parameter === undefined) {
    const codes = references.map((it) => it.code)
    const near = nearestName(code, codes)
    const hint = near === undefined ? '' : ` Did you mean ${quoted(near)}?`
    throw fault(
      `${type} has no reference parameter ${quoted(code)}.${hint} ` +
        (codes.length === 0 ? 'It has none at all.' : `It has: ${codes.join(', ')}.`),
    )
  }
  if (target !== undefined && !parameter.targets.includes(target)) {
    throw fault(`${type}:${code} never refers to ${target}.`)
  }
  return { direction: 'forward', iterate: false, source, param: code, target }
}
