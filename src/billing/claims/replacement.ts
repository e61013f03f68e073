// What a claim says of the claims before it: whether it replaces or voids one, which, and whether it stands itself.
import type { Resource } from '../../fhir/index.ts'
import { codeIn, hasCode, informationOf, objectAt, objectsAt } from '../elements.ts'
import { FREQUENCIES } from './frequency.ts'
import { localKeyOf } from './references.ts'

const WITHDRAWN: ReadonlySet<unknown> = new Set(['cancelled', 'entered-in-error'])

/** X12's CLM05-3: a code of its own, or the last digit of the type of bill; `1` where it says neither. */
export function frequencyOf(claim: Resource): string {
  const [told] = [...informationOf(claim, 'claimFrequency'), ...informationOf(claim, 'typeofbill')]
  return (codeIn(objectAt(told, 'code')) ?? FREQUENCIES.original).slice(-1)
}

export function isVoid(claim: Resource): boolean {
  return frequencyOf(claim) === FREQUENCIES.void
}

/** Whether it was taken back, or never counted. */
export function isWithdrawn({ status }: Resource): boolean {
  return WITHDRAWN.has(status)
}

/** `Claim/[id]` of each claim that it names as the one before it. */
export function priorsOf(claim: Resource | undefined, baseUrl: string | undefined): readonly string[] {
  return objectsAt(claim, 'related')
    .filter((one) => hasCode(objectAt(one, 'relationship'), 'prior'))
    .flatMap((one) => localKeyOf(objectAt(one, 'claim'), baseUrl) ?? [])
    .filter((key) => key.startsWith('Claim/'))
}

/** The first of them. */
export function priorOf(claim: Resource | undefined, baseUrl: string | undefined): string | undefined {
  return priorsOf(claim, baseUrl)[0]
}
