// Random authorizations and claims, counted a second time without the ledger's own ways.
import t from 'tap'
import { approvalsOf } from '../../../src/billing/authorizations/approvals.ts'
import { countUnits } from '../../../src/billing/authorizations/count-units.ts'
import { usingLines } from '../../../src/billing/authorizations/using-lines.ts'
import { authorizationFor } from '../../../src/billing/index.ts'
import { SYSTEMS } from '../../../src/billing/systems.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { seeded } from '../episodes/random.ts'
import { BASE } from '../practice.ts'
import { answering, asking, instead, using } from './answers.ts'

const CODES = ['90837', '90847', '90853', '96127'] as const

interface MadeAuthorization {
  readonly number: string
  readonly start: string
  readonly end: string
  readonly units: ReadonlyMap<string, number>
}
interface MadeClaim {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly prior: string | undefined
  readonly frequency: '1' | '7' | '8'
  readonly lines: readonly { readonly code: string; readonly day: string; readonly thousandths: number }[]
}

function scene(seed: number) {
  const random = seeded(seed)
  const below = (most: number) => Math.floor(random() * most)
  const pick = <One>(list: readonly One[]): One => list[below(list.length)] as One
  const day = () => `2026-${String(1 + below(12)).padStart(2, '0')}-${String(1 + below(28)).padStart(2, '0')}`
  const authorizations = Array.from({ length: 1 + below(4) }, (_, at): MadeAuthorization => {
    const [start, end] = [day(), day()].toSorted() as [string, string]
    const units = new Map(CODES.filter(() => random() < 0.6).map((code) => [code, 1 + below(9)]))
    return { number: `AUTH-${at}`, start, end, units: units.size === 0 ? new Map([['90837', 5]]) : units }
  })
  const claims: MadeClaim[] = []
  const count = below(40)
  for (let at = 0; at < count; at++) {
    const prior = random() < 0.3 ? claims.at(below(claims.length))?.id : undefined
    claims.push({
      id: `c${at}`,
      number: `AUTH-${below(5)}`,
      status: pick(['active', 'active', 'active', 'draft', 'cancelled', 'entered-in-error']),
      prior,
      frequency: prior === undefined ? '1' : pick(['7', '7', '8']),
      lines: Array.from({ length: 1 + below(4) }, () => ({
        code: pick(CODES),
        day: day(),
        thousandths: pick([1000, 2000, 4000, 500, 1, 333]),
      })),
    })
  }
  return { authorizations, claims, random }
}

function resources({ authorizations, claims }: ReturnType<typeof scene>) {
  const answers = authorizations.map(({ number, start, end, units }) => {
    const items = [...units]
    return {
      request: asking(
        `ask-${number}`,
        items.map(([code]) => ({ code, quantity: 99 })),
      ),
      response: answering(
        `r-${number}`,
        `ask-${number}`,
        number,
        items.map(([, one]) => ({ units: one })),
        {
          preAuthPeriod: { start, end },
        },
      ),
    }
  })
  const all = claims.map(
    (claim): Resource =>
      using(
        claim.id,
        [claim.number],
        claim.lines.map(({ code, day, thousandths }) => ({ code, day, units: thousandths / 1000 })),
        {
          status: claim.status,
          ...(claim.prior === undefined ? {} : instead(claim.prior, claim.frequency as '7' | '8')),
        },
      ),
  )
  return { answers, all }
}

/** Whether a claim that stands and is no void leads to this one over those before it. */
function isReplaced(id: string, claims: readonly MadeClaim[]): boolean {
  return claims.some((claim) => {
    if (!['active', 'draft'].includes(claim.status) || claim.frequency === '8') return false
    for (let prior = claim.prior; prior !== undefined; prior = claims.find((one) => one.id === prior)?.prior)
      if (prior === id) return true
    return false
  })
}

function naiveUsed({ number, start, end }: MadeAuthorization, code: string, claims: readonly MadeClaim[]) {
  let sum = 0n
  for (const claim of claims) {
    const stands = claim.status === 'active' || claim.status === 'draft'
    if (!stands || claim.frequency === '8' || claim.number !== number || isReplaced(claim.id, claims))
      continue
    for (const line of claim.lines)
      if (line.code === code && line.day >= start && line.day <= end) sum += BigInt(line.thousandths)
  }
  return sum
}

t.test('a thousand random ledgers', async (t) => {
  let [usedAny, exceeded, replaced] = [0, 0, 0]
  for (let seed = 1; seed <= 1000; seed++) {
    const made = scene(seed)
    const { answers, all } = resources(made)
    const shuffled = all.toSorted(() => made.random() - 0.5)
    const list = countUnits(approvalsOf(answers, BASE), usingLines(shuffled, BASE))
    if (list.length !== made.authorizations.length) t.fail(`authorizations of ${seed}`)
    for (const one of made.authorizations) {
      const found = list.find(({ number }) => number === one.number)
      for (const [code, approved] of one.units) {
        const service = found?.services.find(({ codings }) => codings[0]?.code === code)
        const used = naiveUsed(one, code, made.claims)
        const left = BigInt(approved) * 1000n - used
        const expected = [approved, Number(used) / 1000, Number(left < 0n ? 0n : left) / 1000]
        const counted = [service?.approved, service?.used, service?.left]
        if (String(counted) !== String(expected))
          t.fail(`${seed} ${one.number} ${code}: ${counted} not ${expected}`)
        if (used > 0n) usedAny++
        if (left < 0n) exceeded++
        for (const units of [1, 5, approved]) {
          const asked = {
            code: { system: SYSTEMS.cpt, code },
            date: one.start,
            payer: 'Organization/payer1',
            units,
          }
          const chosen = authorizationFor(list, asked)
          const ends = made.authorizations
            .filter(
              (other) =>
                other.start <= one.start &&
                other.end >= one.start &&
                BigInt(other.units.get(code) ?? -1) * 1000n - naiveUsed(other, code, made.claims) >=
                  BigInt(units) * 1000n,
            )
            .map(({ end }) => end)
          if (chosen?.period.end !== ends.toSorted()[0]) t.fail(`${seed}: chose ${chosen?.number}`)
        }
      }
    }
    replaced += made.claims.filter(({ id }) => isReplaced(id, made.claims)).length
  }
  t.ok(
    usedAny > 500 && exceeded > 20 && replaced > 500,
    `${usedAny} used, ${exceeded} exceeded, ${replaced} replaced`,
  )
})

t.test('a claim that names several numbers uses one of them for each line', async (t) => {
  for (let seed = 1; seed <= 300; seed++) {
    const made = scene(seed)
    const { answers, all } = resources(made)
    const numbers = made.authorizations.map(({ number }) => number)
    const many = all.map((claim) => ({
      ...claim,
      insurance: [{ sequence: 1, focal: true, preAuthRef: numbers }],
    }))
    const lines = usingLines(many, BASE)
    const list = countUnits(approvalsOf(answers, BASE), lines)
    const used = list.flatMap(({ services }) => services).reduce((sum, one) => sum + one.used, 0)
    const usable = lines.filter((line) =>
      made.authorizations.some(
        ({ start, end, units }) =>
          line.first !== undefined &&
          line.first >= start &&
          line.first <= end &&
          line.codings.some(({ code }) => units.has(code)),
      ),
    )
    const billed = usable.reduce((sum, one) => sum + one.units, 0)
    if (Math.round(used * 1000) !== Math.round(billed * 1000)) t.fail(`${seed}: ${used} of ${billed}`)
  }
  t.pass('300 of them')
})
