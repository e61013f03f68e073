// Files of payers' answers, written naively: what a test says, as the guides lay it out.

export interface WrittenAdjustment {
  readonly group: string
  readonly reason: string
  /** In cents. */
  readonly cents: number
}

export interface WrittenLine {
  readonly code: string
  readonly charged: number
  readonly paid: number
  readonly day?: string
  readonly control?: string
  readonly adjustments?: readonly WrittenAdjustment[]
  readonly remarks?: readonly string[]
}

export interface WrittenClaim {
  readonly control: string
  readonly status?: string
  readonly number?: string
  readonly charged?: number
  readonly paid?: number
  readonly adjustments?: readonly WrittenAdjustment[]
  readonly lines?: readonly WrittenLine[]
}

export interface WrittenPayment {
  readonly trace: string
  readonly origin?: string
  readonly date?: string
  readonly payerId?: string
  readonly claims: readonly WrittenClaim[]
  /** Taken off the payment. */
  readonly plb?: readonly { readonly reason: string; readonly cents: number }[]
  /** Instead of what it comes to. */
  readonly total?: number
}

export const dollars = (cents: number): string => {
  const size = Math.abs(cents)
  return `${cents < 0 ? '-' : ''}${Math.floor(size / 100)}.${String(size % 100).padStart(2, '0')}`
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

const adjusted = (all: readonly WrittenAdjustment[] = []): number => sum(all.map(({ cents }) => cents))

export const chargedOf = ({ charged, lines = [] }: WrittenClaim): number =>
  charged ?? sum(lines.map((line) => line.charged))
export const paidOf = ({ paid, adjustments, lines = [] }: WrittenClaim): number =>
  paid ?? sum(lines.map((line) => line.paid)) - adjusted(adjustments)

const cas = (all: readonly WrittenAdjustment[] = []): string[] =>
  all.map(({ group, reason, cents }) => `CAS*${group}*${reason}*${dollars(cents)}`)

export function payment({
  trace,
  origin = '1512345678',
  date = '20260320',
  payerId = '60054',
  claims,
  plb = [],
  total,
}: WrittenPayment): WrittenSet {
  const paid = total ?? sum(claims.map(paidOf)) - sum(plb.map(({ cents }) => cents))
  return {
    id: '835',
    code: 'HP',
    version: '005010X221A1',
    segments: [
      `BPR*I*${dollars(Math.abs(paid))}*${paid < 0 ? 'D' : 'C'}*ACH************${date}`,
      `TRN*1*${trace}*${origin}`,
      `N1*PR*HARBOR HEALTH PLAN*XV*${payerId}`,
      'N1*PE*HARBOR BEHAVIORAL HEALTH*XX*1234567893',
      ...(claims.length === 0 ? [] : ['LX*1']),
      ...claims.flatMap((claim) => [
        `CLP*${claim.control}*${claim.status ?? '1'}*${dollars(chargedOf(claim))}*${dollars(paidOf(claim))}**12*${claim.number ?? ''}`.replace(
          /\*+$/,
          '',
        ),
        ...cas(claim.adjustments),
        'NM1*QC*1*SECRET*NAME',
        ...(claim.lines ?? []).flatMap((line) => [
          `SVC*HC:${line.code}*${dollars(line.charged)}*${dollars(line.paid)}`,
          ...(line.day === undefined ? [] : [`DTM*472*${line.day.replaceAll('-', '')}`]),
          ...cas(line.adjustments),
          ...(line.control === undefined ? [] : [`REF*6R*${line.control}`]),
          ...(line.remarks ?? []).map((code) => `LQ*HE*${code}`),
        ]),
      ]),
      ...plb.map(({ reason, cents }) => `PLB*1234567893*20261231*${reason}*${dollars(cents)}`),
    ],
  }
}

export interface WrittenStatus {
  readonly control: string
  readonly accepted: boolean
  readonly number?: string
  /** Of a refusal. */
  readonly status?: string
}

export function claimStatus(
  reference: string,
  claims: readonly WrittenStatus[],
  { date = '20260310', trace = '' }: { readonly date?: string; readonly trace?: string } = {},
): WrittenSet {
  return {
    id: '277',
    code: 'HN',
    version: '005010X214',
    segments: [
      `BHT*0085*08*${reference}*${date}*0930*TH`,
      'HL*1**20*1',
      'NM1*PR*2*HARBOR HEALTH PLAN*****PI*60054',
      'TRN*1*T-1',
      'HL*2*1*21*1',
      'NM1*41*2*HARBOR*****46*SUB1',
      ...(trace === '' ? [] : [`TRN*2*${trace}`]),
      'HL*3*2*19*1',
      'NM1*85*2*HARBOR*****XX*1234567893',
      ...claims.flatMap(({ control, accepted, number, status = '562' }, at) => [
        `HL*${at + 4}*3*PT`,
        'NM1*QC*1*SECRET*NAME',
        `TRN*2*${control}`,
        accepted ? `STC*A2:20:PR*${date}*WQ*1` : `STC*A7:${status}:85*${date}*U*1`,
        ...(number === undefined ? [] : [`REF*1K*${number}`]),
      ]),
    ],
  }
}

export function acknowledgement(
  group: number,
  sets: readonly { readonly number: string; readonly accepted: boolean }[],
): WrittenSet {
  const accepted = sets.filter((set) => set.accepted).length
  return {
    id: '999',
    code: 'FA',
    version: '005010X231A1',
    segments: [
      `AK1*HC*${group}*005010X222A1`,
      ...sets.flatMap((set) => [
        `AK2*837*${set.number}*005010X222A1`,
        ...(set.accepted ? ['IK5*A'] : ['IK3*CLM*22*2300*8', 'IK4*2**1', 'IK5*R*5']),
      ]),
      `AK9*${accepted === sets.length ? 'A' : accepted === 0 ? 'R' : 'P'}*${sets.length}*${sets.length}*${accepted}`,
    ],
  }
}

export interface WrittenSet {
  readonly id: string
  readonly code: string
  readonly version: string
  readonly segments: readonly string[]
}

let last = 0

/** An interchange of these sets, each in a group of its own. */
export function file(sets: readonly WrittenSet[], date = '20260320'): Buffer {
  last += 1
  const control = String(last).padStart(9, '0')
  const segments = [
    `ISA*00*          *00*          *ZZ*PAYER          *ZZ*HARBOR         *${date.slice(2)}*0930*^*00501*${control}*0*T*:`,
    ...sets.flatMap((set, at) => [
      `GS*${set.code}*PAYER*HARBOR*${date}*0930*${at + 1}*X*${set.version}`,
      set.id === '835' ? 'ST*835*0001' : `ST*${set.id}*0001*${set.version}`,
      ...set.segments,
      `SE*${set.segments.length + 2}*0001`,
      `GE*1*${at + 1}`,
    ]),
    `IEA*${sets.length}*${control}`,
  ]
  return Buffer.from(segments.map((one) => `${one}~\n`).join(''))
}
