// A made-up practice of claims and answers with awkward cents, and what its revenue must come to: reckoned while it is
// made up, in whole cents, by no code of the server.
import type { Resource } from '../../../src/fhir/index.ts'
import {
  claim,
  correcting,
  decision,
  takenBack,
  type Decided,
  type WrittenDecision,
} from './written-claims.ts'

/** What is known of one line, in cents. */
export interface TrueLine {
  readonly claim: string
  readonly payer: string
  readonly date: string
  readonly clinician: string
  readonly code: string
  readonly charged: number
  readonly allowed: number
  readonly paid: number
  readonly patient: number
  readonly adjusted: number
  readonly denied: number
  /** Whether its claim is one of its own. */
  readonly counts: boolean
  readonly lastDay: string
  readonly paidOn: string | undefined
}

export interface MadeUp {
  readonly resources: readonly Resource[]
  readonly lines: readonly TrueLine[]
}

const CODES = ['90791', '90834', '90837', '96127', '99492'] as const
/** As a reference, and who it is. */
const PEOPLE = [
  ['Practitioner/therapist1', 'Practitioner/therapist1'],
  ['PractitionerRole/role1', 'Practitioner/therapist1'],
  ['Practitioner/therapist2', 'Practitioner/therapist2'],
  ['Practitioner/therapist3', 'Practitioner/therapist3'],
] as const

/** Numbers from 0 up to 1, the same for the same seed (Park and Miller). */
export function numbersOf(seed: number): () => number {
  let state = (seed * 7919 + 13) % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

interface Verdict {
  readonly allowed: number
  readonly paid: number
  readonly patient: number
  readonly adjusted: number
  readonly isDenied: boolean
}

const NOTHING: Verdict = { allowed: 0, paid: 0, patient: 0, adjusted: 0, isDenied: false }

/** @param prefix of ids, so that several stand side by side */
export function madeUpPractice(seed: number, claims: number, prefix = 's'): MadeUp {
  const random = numbersOf(seed)
  const below = (most: number): number => Math.floor(random() * most)
  const oneOf = <One>(of: readonly One[]): One => of[below(of.length)] as One
  const chance = (share: number): boolean => random() < share
  const dayOf = (): string => `2026-0${1 + below(5)}-${String(1 + below(28)).padStart(2, '0')}`
  const resources: Resource[] = []
  const lines: TrueLine[] = []
  let responses = 0

  /** How a payer decides on a charge, with the verdict. */
  const decide = (charged: number): readonly [Decided, Verdict] => {
    if (chance(0.15)) {
      const group = oneOf(['CO', 'OA', 'PI'])
      const adjustments = [[group, oneOf(['97', '18', '197']), charged]] as const
      const allowed = group === 'CO' ? 0 : charged
      return [
        { charged, paid: 0, adjustments },
        { ...NOTHING, allowed, adjusted: charged, isDenied: charged > 0 },
      ]
    }
    const contract = below(charged + 1)
    const other = chance(0.2) ? below(charged - contract + 1) : 0
    const patient = chance(0.4) ? below(charged - contract - other + 1) : 0
    const paid = charged - contract - other - patient
    const adjustments = (
      [
        ['CO', '45', contract],
        ['OA', '23', other],
        ['PR', oneOf(['1', '2', '3']), patient],
      ] as const
    ).filter(([, , cents]) => cents !== 0)
    // What is left unpaid for another reason than the patient's share counts as denied.
    const isDenied = charged > 0 && paid === 0 && patient === 0
    return [
      { charged, paid, adjustments },
      { allowed: charged - contract, paid, patient, adjusted: contract + other, isDenied },
    ]
  }

  for (let at = 0; at < claims; at++) {
    const id = `${prefix}${seed}-${at}`
    const payer = oneOf(['payer1', 'payer2'])
    const team = [oneOf(PEOPLE), oneOf(PEOPLE)]
    const made = Array.from({ length: 1 + below(5) }, () => ({
      code: oneOf(CODES),
      date: dayOf(),
      cents: chance(0.1) ? 0 : below(40_000),
      member: below(2),
    }))
    const fate = oneOf([
      'alone',
      'alone',
      'alone',
      'alone',
      'draft',
      'replaced',
      'pending',
      'voided',
    ] as const)
    const patient = oneOf(['p1', 'p2', 'p3', 'p4'])
    const written = {
      patient,
      payer,
      careTeam: team.map(([reference]) => reference),
      lines: made.map(({ member, ...line }) => ({ ...line, careTeam: [member + 1] })),
    }
    const isGone = fate === 'replaced' || fate === 'voided'
    const status = fate === 'draft' ? 'draft' : isGone ? 'cancelled' : 'active'
    const first = claim({ ...written, id, more: { status } })
    resources.push(first)
    const told = (
      of: string,
      counts: boolean,
      verdicts: readonly Verdict[],
      paidOn: string | undefined,
    ): void => {
      const lastDay = made.map(({ date }) => date).reduce((a, b) => (a > b ? a : b))
      for (const [place, { code, date, cents, member }] of made.entries()) {
        const { allowed, paid, patient: owed, adjusted, isDenied } = verdicts[place] as Verdict
        lines.push({
          claim: of,
          payer: `Organization/${payer}`,
          date,
          clinician: (team[member] as (typeof PEOPLE)[number])[1],
          code,
          charged: counts ? cents : 0,
          allowed: counts ? allowed : 0,
          paid,
          patient: counts ? owed : 0,
          adjusted: counts ? adjusted : 0,
          denied: counts && isDenied ? cents : 0,
          counts,
          lastDay,
          paidOn,
        })
      }
    }

    /** What payers answer to a claim, the verdict on each line, and the first day on which they paid. */
    const answered = (
      to: Resource,
      isTakenBack: boolean,
    ): readonly [readonly Verdict[], string | undefined] => {
      const nothing = made.map(() => NOTHING)
      const date = `2026-06-${String(1 + below(9)).padStart(2, '0')}`
      const name = (): string => `r-${id}-${responses++}`
      if (chance(0.2)) return [nothing, undefined]
      const whole = chance(0.2)
      const decisions: WrittenDecision[] = []
      const verdicts: Verdict[] = []
      if (whole) {
        const total = made.reduce((sum, { cents }) => sum + cents, 0)
        const [decided, verdict] = decide(total)
        decisions.push({ id: name(), to, lines: [], whole: decided, date })
        const shares = (amount: number): number[] =>
          sharesOf(
            amount,
            made.map(({ cents }) => cents),
          )
        const [allowed, paid, owed, adjusted] = [
          shares(verdict.allowed),
          shares(verdict.paid),
          shares(verdict.patient),
          shares(total),
        ] as [number[], number[], number[], number[]]
        for (const place of made.keys())
          verdicts.push({
            allowed: allowed[place] as number,
            paid: paid[place] as number,
            patient: owed[place] as number,
            adjusted: (adjusted[place] as number) - (paid[place] as number) - (owed[place] as number),
            isDenied: verdict.isDenied,
          })
      } else {
        const all = made.map(({ cents }, place) => {
          // Some lines come in no answer, or in another one.
          const isLeftOut = chance(0.1)
          const [decided, verdict] = decide(cents)
          verdicts.push(isLeftOut ? NOTHING : verdict)
          return isLeftOut ? undefined : { ...decided, sequence: place + 1 }
        })
        const told = all.filter((line) => line !== undefined)
        const cut = chance(0.15) ? 1 + below(told.length) : told.length
        // All denied beside all else paid is a denial that something outdates; apart, it is one more of two answers.
        for (const some of [told.slice(0, cut), told.slice(cut)])
          if (some.length > 0) decisions.push({ id: name(), to, lines: some, date })
      }
      resources.push(...decisions.map(decision))
      const paidOn = decisions.some(isPaying) ? date : undefined
      if (!isTakenBack && !chance(0.15)) return [verdicts, paidOn]
      resources.push(...decisions.map((one) => decision(takenBack(one, name(), '2026-06-15'))))
      return [nothing, paidOn]
    }

    if (fate === 'draft') continue
    const [verdicts, paidOn] = answered(first, false)
    told(id, !isGone, verdicts, paidOn)
    if (fate === 'alone') continue
    const second = claim({
      ...written,
      id: `${id}-next`,
      more: correcting(id, fate === 'voided' ? '8' : '7'),
    })
    resources.push(second)
    if (fate !== 'replaced') continue
    const [next, nextPaidOn] = answered(second, false)
    told(`${id}-next`, true, next, nextPaidOn)
  }
  return { resources, lines }
}

function isPaying({ lines, whole }: WrittenDecision): boolean {
  return [...lines, ...(whole === undefined ? [] : [whole])].reduce((sum, { paid }) => sum + paid, 0) > 0
}

/** In shares of the weights, up to each place half up, evenly where all are 0. */
export function sharesOf(amount: number, weights: readonly number[]): number[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const own = all === 0 ? weights.map(() => 1) : weights
  const total = own.reduce((sum, weight) => sum + weight, 0)
  let [before, weight] = [0, 0]
  return own.map((one, at) => {
    weight += one
    const upTo = at === own.length - 1 ? amount : Math.floor((2 * amount * weight + total) / (2 * total))
    const share = upTo - before
    before = upTo
    return share
  })
}
