// What a payment and its parts are known by: the same in another file, and wherever they stand there.
import { madeName } from '../made.ts'
import type { PaidClaim, Remittance } from '../x12/index.ts'

export interface NamedClaim {
  readonly paid: PaidClaim
  /** Of what is made of it. */
  readonly name: string
}

export interface NamedRemittance {
  readonly remittance: Remittance
  /** Of the payment: who pays, by which number and when. */
  readonly name: string
  /** Of all that it says. */
  readonly content: string
  readonly claims: readonly NamedClaim[]
}

export function nameRemittance(remittance: Remittance): NamedRemittance {
  const { trace, traceOrigin, date, payer, payee } = remittance
  const name = madeName('payment', traceOrigin ?? payer.id ?? payer.name ?? '', trace, date, payee.id ?? '')
  const seen = new Map<string, number>()
  const claims = remittance.claims.map((paid) => {
    const said = saidBy(paid)
    const times = (seen.get(said) ?? 0) + 1
    seen.set(said, times)
    return { paid, name: madeName('remittance', name, paid.controlNumber, said, String(times)) }
  })
  const content = madeName(
    saidBy({ ...remittance, claims: [], providerAdjustments: [] }),
    ...claims.map((one) => one.name).toSorted(),
    ...remittance.providerAdjustments.map(saidBy).toSorted(),
  )
  return { remittance, name, content, claims }
}

/** All of it but where in the file it stands. */
function saidBy(part: object): string {
  return JSON.stringify(part, (key, value: unknown) => {
    if (key === 'position') return undefined
    return typeof value === 'bigint' ? String(value) : value
  })
}
