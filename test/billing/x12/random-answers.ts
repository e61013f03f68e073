// Random answers of payers, written here as 271 and 278 by a second hand, for what the readers make of them.
import fc from 'fast-check'
import {
  printShortest,
  readMoney,
  type AuthorizationAnswer,
  type Benefit,
  type DecidedService,
} from '../../../src/billing/index.ts'
import { answerText } from './eligibility.ts'

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 2 })
const some = <T>(...values: readonly T[]) => fc.constantFrom(...values)
const text = fc
  .string({ unit: some(...'ABCDEFGH JKLMNP.,-'), minLength: 1, maxLength: 30 })
  .map((one) => `X${one.trim()}`)
const count = fc.integer({ min: 0, max: 365 }).map(String)
const cents = fc.integer({ min: 0, max: 999_999 }).map((one) => readMoney(`${one}e-2`, 'amount'))
const day = fc
  .integer({ min: 0, max: 25_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10))
const days = fc.tuple(day, day).map(([a, b]) => (a < b ? { start: a, end: b } : { start: b, end: a }))

/** The record without what is undefined. */
function kept<T extends object>(made: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as never
}

type BenefitTold = Omit<Benefit, 'position' | 'rejections' | 'references' | 'entities'>

const delivery = fc
  .record({
    qualifier: some('VS', 'DY', 'HS'),
    quantity: count,
    each: maybe(fc.record({ unit: some('WK', 'MO'), count: some('1', '2') })),
    during: maybe(fc.record({ period: some('23', '29', '34', '32'), count: some('1', '3') })),
  })
  .map(kept)

export const benefits: fc.Arbitrary<readonly BenefitTold[]> = fc.array(
  fc
    .record({
      information: some('1', '6', 'A', 'B', 'C', 'C', 'C', 'D', 'F', 'F', 'G', 'G', 'I', 'U'),
      level: maybe(some('IND', 'FAM', 'EMP')),
      serviceTypes: fc.uniqueArray(some('30', 'MH', 'A6', 'AI'), { maxLength: 3 }),
      insuranceType: maybe(some('HM', 'PR')),
      plan: maybe(text),
      period: maybe(some('23', '23', '29', '24', '27', '32')),
      amount: maybe(cents),
      part: maybe(some('0', '0.2', '0.125', '1')),
      quantity: maybe(fc.record({ qualifier: some('VS', 'DY'), value: count })),
      authorization: maybe(some('Y' as const, 'N' as const, 'U' as const)),
      network: maybe(some('Y' as const, 'N' as const, 'U' as const, 'W' as const)),
      procedure: maybe(
        fc.record({
          qualifier: fc.constant('HC'),
          code: some('90837', 'H0015'),
          modifiers: fc.array(some('95', 'HQ'), { maxLength: 2 }),
        }),
      ),
      deliveries: fc.array(delivery, { maxLength: 2 }),
      dates: fc.array(
        days.map((one) => ({ qualifier: '348', ...one })),
        { maxLength: 2 },
      ),
      messages: fc.array(text, { maxLength: 2 }),
      places: fc.array(some('55', '57', '11'), { maxLength: 2 }),
    })
    .map((one) => kept(one) as BenefitTold),
  { minLength: 1, maxLength: 12 },
)

const dtp = (kind: string, { start, end }: { readonly start: string; readonly end: string }) => {
  const [from, to] = [start, end].map((one) => one.replaceAll('-', ''))
  return from === to ? `DTP*${kind}*D8*${from}` : `DTP*${kind}*RD8*${from}-${to}`
}
const segment = (...elements: readonly (string | undefined)[]) =>
  elements
    .map((one) => one ?? '')
    .join('*')
    .replace(/\*+$/, '')
const hsd = ({ qualifier, quantity, each, during }: Benefit['deliveries'][number]) =>
  segment('HSD', qualifier, quantity, each?.unit, each?.count, during?.period, during?.count)

export function text271(told: readonly BenefitTold[]): string {
  const body = told.flatMap((one) => [
    segment(
      'EB',
      one.information,
      one.level,
      one.serviceTypes.join('^'),
      one.insuranceType,
      one.plan,
      one.period,
      one.amount === undefined ? '' : printShortest(one.amount),
      one.part,
      one.quantity?.qualifier,
      one.quantity?.value,
      one.authorization,
      one.network,
      one.procedure === undefined ? '' : ['HC', one.procedure.code, ...one.procedure.modifiers].join(':'),
    ),
    ...one.deliveries.map(hsd),
    ...one.dates.map((date) => dtp('348', date)),
    ...one.messages.map((message) => segment('MSG', message)),
    ...one.places.map((place) => segment('III', 'ZZ', place)),
  ])
  const head = [
    'BHT*0022*11*B-1*20261130*0931',
    'HL*1**20*1',
    'NM1*PR*2*SECRETPLAN*****PI*12345',
    'HL*2*1*21*1',
    'NM1*1P*2*SECRETCLINIC*****XX*1234567893',
    'HL*3*2*22*0',
    'TRN*2*ELIG-1*1123456789',
    'NM1*IL*1*SECRETNAME*SECRETFIRST****MI*SECRETID',
    'DMG*D8*19900203*F',
    'DTP*291*RD8*20260101-20261231',
  ]
  return answerText('271', 'HB', '005010X279A1', [...head, ...body].join('\n'))
}

export type EventTold = Pick<AuthorizationAnswer, 'services'> & {
  readonly event: NonNullable<AuthorizationAnswer['event']>
}

const decision = fc
  .record({
    action: some('A1', 'A2', 'A3', 'A4', 'A6', 'CT', 'NA'),
    number: maybe(some('AUTH-1', 'AUTH-2')),
    reasons: fc.array(some('0B', '0M'), { maxLength: 2 }),
    secondOpinion: maybe(fc.boolean()),
  })
  .map(kept)
const decided = {
  decision: maybe(decision),
  previous: maybe(some('OLD-1')),
  refused: maybe(some('NO-1')),
  issued: maybe(day),
  effective: maybe(days),
  messages: fc.array(text, { maxLength: 1 }),
}
const service: fc.Arbitrary<DecidedService> = fc
  .record({
    ...decided,
    position: fc.constant(0),
    traces: fc.array(fc.constant({ referenced: true, number: 'L-2', origin: '9CLINIC001' }), {
      maxLength: 1,
    }),
    rejections: fc.constant([]),
    serviced: maybe(days),
    revenue: maybe(some('0915', '1002')),
    code: maybe(some('90837', 'H0032', '90853')),
    amount: maybe(cents),
    quantity: maybe(fc.record({ unit: some('UN', 'DA'), value: count })),
    deliveries: fc.array(delivery, { maxLength: 1 }),
  })
  .map((one) => ({
    ...(kept(one) as object as DecidedService),
    modifiers: one.code === undefined ? [] : ['95'],
  }))

export const events: fc.Arbitrary<EventTold> = fc.record({
  event: fc
    .record({
      ...decided,
      position: fc.constant(0),
      traces: fc.constant([
        { referenced: true, number: 'PA-1', origin: '1123456789' },
        { referenced: false, number: 'UMO-7', origin: '9PAYER0001' },
      ]),
      deliveries: fc.array(delivery, { maxLength: 1 }),
    })
    .map((one) => kept(one) as EventTold['event']),
  services: fc.array(service, { maxLength: 4 }),
})

/** What stands on a level of an event or a service; `sv` is the segment of its codes. */
function levelOf(one: EventTold['event'], sv: readonly string[]): readonly string[] {
  const { decision: decidedSo, effective, issued } = one
  const opinion = { true: 'Y', false: 'N' }[String(decidedSo?.secondOpinion)]
  return [
    ...one.traces.map(({ referenced, number, origin }) =>
      segment('TRN', referenced ? '2' : '1', number, origin),
    ),
    ...(decidedSo === undefined
      ? []
      : [segment('HCR', decidedSo.action, decidedSo.number, decidedSo.reasons.join('^'), opinion)]),
    ...(one.previous === undefined ? [] : [`REF*BB*${one.previous}`]),
    ...(one.refused === undefined ? [] : [`REF*NT*${one.refused}`]),
    ...(issued === undefined ? [] : [dtp('102', { start: issued, end: issued })]),
    ...(effective === undefined ? [] : [dtp('007', effective as { start: string; end: string })]),
    ...sv,
    ...one.deliveries.map(hsd),
    ...one.messages.map((message) => segment('MSG', message)),
  ]
}

export function text278({ event, services }: EventTold): string {
  const lines = services.flatMap((one, index) => [
    `HL*${index + 5}*4*SS*0`,
    ...levelOf(one, [
      ...(one.serviced === undefined ? [] : [dtp('472', one.serviced)]),
      segment(
        'SV2',
        one.revenue,
        one.code === undefined ? '' : ['HC', one.code, ...one.modifiers].join(':'),
        one.amount === undefined ? '' : printShortest(one.amount),
        one.quantity?.unit,
        one.quantity?.value,
      ),
    ]),
  ])
  const head = [
    'BHT*0007*11*B-1*20261203*0931*18',
    'HL*1**20*1',
    'NM1*X3*2*SECRETPLAN*****PI*12345',
    'HL*2*1*21*1',
    'NM1*1P*2*SECRETCLINIC*****XX*1234567893',
    'HL*3*2*22*1',
    'NM1*IL*1*SECRETNAME*SECRETFIRST****MI*SECRETID',
    'HL*4*3*EV*1',
  ]
  return answerText('278', 'HI', '005010X217', [...head, ...levelOf(event, []), ...lines].join('\n'))
}
