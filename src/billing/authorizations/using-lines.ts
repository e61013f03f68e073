// Lines of claims that use authorizations: of claims that stand, whatever became of those that they replace.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { codingsOf } from '../claims/people.ts'
import { keyOfResource, localKeyOf } from '../claims/references.ts'
import { isVoid, priorsOf } from '../claims/replacement.ts'
import { objectAt, objectsAt, textAt, textsAt } from '../elements.ts'
import type { Coding } from '../rules/index.ts'
import { unitsIn } from './units.ts'

export interface UsingLine {
  /** `Claim/[id]`. */
  readonly claim: string
  readonly sequence: number
  /** `Organization/[id]`; undefined fits any. */
  readonly payer: string | undefined
  /** Authorization numbers that its claim names. */
  readonly numbers: readonly string[]
  /** Of the service and its revenue code. */
  readonly codings: readonly Coding[]
  /** `YYYY-MM-DD`; undefined where the line says none. */
  readonly first: string | undefined
  readonly last: string | undefined
  /** 1 where the line says none. */
  readonly units: number
}

const STANDING: ReadonlySet<unknown> = new Set(['active', 'draft'])

/**
 * Drafts use them as well. A claim that is replaced does not, nor does one that voids another: what is voided does, until
 * the payer has taken the void on and it is cancelled.
 * @param claims all of a patient, also those that do not stand
 * @param except `Claim/[id]` of claims that are about to be made anew: they use nothing, but replace what they replace
 */
export function usingLines(
  claims: readonly Resource[],
  baseUrl: string,
  except: ReadonlySet<string> = new Set(),
): readonly UsingLine[] {
  const standing = claims.filter(
    (claim) => claim['use'] === 'claim' && STANDING.has(claim['status']) && !isVoid(claim),
  )
  const replaced = replacedBy(standing, claims, baseUrl)
  return standing
    .filter((claim) => !replaced.has(keyOfResource(claim)) && !except.has(keyOfResource(claim)))
    .flatMap((claim) => linesOf(claim, baseUrl))
}

/** Those before it in each chain of replacements, over claims as well that stand no more. */
function replacedBy(
  standing: readonly Resource[],
  claims: readonly Resource[],
  baseUrl: string,
): ReadonlySet<string> {
  const priors = new Map(claims.map((claim) => [keyOfResource(claim), priorsOf(claim, baseUrl)]))
  const replaced = new Set<string>()
  for (const claim of standing) {
    const key = keyOfResource(claim)
    const open = [...(priors.get(key) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === key || replaced.has(next)) continue
      replaced.add(next)
      for (const prior of priors.get(next) ?? []) open.push(prior)
    }
  }
  return replaced
}

function linesOf(claim: Resource, baseUrl: string): readonly UsingLine[] {
  const numbers = objectsAt(claim, 'insurance').flatMap((one) => textsAt(one, 'preAuthRef'))
  if (numbers.length === 0) return []
  const payer = localKeyOf(objectAt(claim, 'insurer'), baseUrl)
  return objectsAt(claim, 'item').map((item) => ({
    claim: keyOfResource(claim),
    sequence: Number(item['sequence']),
    payer,
    numbers,
    codings: [...codingsOf(objectAt(item, 'productOrService')), ...codingsOf(objectAt(item, 'revenue'))],
    ...daysOf(item),
    units: unitsIn(objectAt(item, 'quantity')) ?? 1,
  }))
}

function daysOf(item: JsonObject): Pick<UsingLine, 'first' | 'last'> {
  const [day, period] = [textAt(item, 'servicedDate'), objectAt(item, 'servicedPeriod')]
  const first = (day ?? textAt(period, 'start'))?.slice(0, 10)
  return { first, last: (day ?? textAt(period, 'end'))?.slice(0, 10) ?? first }
}
