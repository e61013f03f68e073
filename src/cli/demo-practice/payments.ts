// What the practice has sent to its payers, and what they have paid: by the files that practices and payers exchange.
import {
  codeIn,
  importX12,
  moneyAt,
  objectAt,
  objectsAt,
  printShortest,
  quantityTimesToTheCent,
  submitClaims,
  subtractMoney,
  sumMoney,
  textAt,
  writeInterchange,
  NO_MONEY,
  type BillingParts,
  type Money,
} from '../../billing/index.ts'
import { isJsonObject, parseJson, type JsonObject, type Resource } from '../../fhir/index.ts'
import { callerView } from '../../operations/index.ts'
import { everyMatch, type Repository } from '../../repository/index.ts'
import { searchQuery } from '../../store/index.ts'

const DAY_MS = 86_400_000
/** Claims of the last days wait for somebody to send them. */
const SENT_AFTER_DAYS = 10
const PAID_AFTER_DAYS = 24
/** Of so many claims one is denied. */
const DENIED_EACH = 11
const MOST_CLAIMS = 1000

/** Sends what is due, and reads what the payers, made up as they are, answer. @param now milliseconds since 1970 */
export async function billPayers(repository: Repository, billing: BillingParts, now: number): Promise<void> {
  const view = callerView(repository)
  const claims = await everyMatch(searchQuery({ type: 'Claim' }), MOST_CLAIMS, (page) =>
    repository.search(page),
  )
  const due = claims
    .map(({ resource }) => resource)
    .filter((claim) => serviceDay(claim) <= dayOf(now - SENT_AFTER_DAYS * DAY_MS))
    .toSorted((one, other) => (serviceDay(one) < serviceDay(other) ? -1 : 1))
  const ids = due.map(({ id }) => String(id))
  await submitClaims(repository, view, billing, ids, now)
  const byPayer = Map.groupBy(
    due,
    (claim) =>
      `${referenceAt(claim, 'insurer')} ${referenceAt(claim, 'provider')} ${serviceDay(claim).slice(0, 7)}`,
  )
  let number = 1
  for (const [key, paid] of byPayer) {
    const [payer = '', payee = ''] = key.split(' ')
    const date = dayOf(Date.parse(serviceDay(paid.at(-1) as Resource)) + PAID_AFTER_DAYS * DAY_MS)
    if (date > dayOf(now)) continue
    const parties = { payer: await read(repository, payer), payee: await read(repository, payee) }
    const bytes = Buffer.from(remittanceOf(paid, { ...parties, date, number: number++ }))
    await importX12(repository, view, billing, bytes, now)
  }
}

interface Remitted {
  readonly payer: Resource
  readonly payee: Resource
  /** `YYYY-MM-DD`. */
  readonly date: string
  readonly number: number
}

/** An 835 that pays four fifths of what is charged, and asks the patient for a part of it. */
function remittanceOf(claims: readonly Resource[], { payer, payee, date, number }: Remitted): string {
  const day = date.replaceAll('-', '')
  const decisions = claims.map((claim, at) => decide(claim, (number + at) % DENIED_EACH === 0))
  const segments: readonly Segment[] = [
    ['BPR', 'I', printShortest(sumMoney(decisions.map(({ paid }) => paid))), 'C', 'ACH', ...blank(11), day],
    ['TRN', '1', `HD${String(number).padStart(8, '0')}`, '1000000099'],
    ['DTM', '405', day],
    ['N1', 'PR', nameOf(payer)],
    ['N3', '1 Insurance Plaza'],
    ['N4', 'Phoenix', 'AZ', '85001'],
    ['PER', 'BL', 'Claims', 'TE', '6025550100'],
    ['N1', 'PE', nameOf(payee), 'XX', npiOf(payee)],
    ['LX', '1'],
    ...decisions.flatMap(({ segments: told }) => told),
  ]
  const receiver = { qualifier: 'ZZ', id: 'ALCOVE' }
  const header = { sender: { qualifier: 'ZZ', id: 'RECEIVER' }, receiver, date: day, time: '0600' }
  return writeInterchange({ ...header, controlNumber: number, usage: 'T' }, [
    {
      functionalCode: 'HP',
      sender: 'RECEIVER',
      receiver: 'ALCOVE',
      controlNumber: number,
      version: '005010X221A1',
      sets: [{ id: '835', controlNumber: 1, segments }],
    },
  ])
}

type Segment = readonly [id: string, ...elements: (string | readonly string[])[]]

interface Decision {
  readonly paid: Money
  readonly segments: readonly Segment[]
}

function decide(claim: Resource, isDenied: boolean): Decision {
  const lines = objectsAt(claim, 'item').map((item) => decideLine(item, isDenied))
  const control = textAt(objectsAt(claim, 'identifier')[0], 'value') ?? ''
  const [charged, paid, owed] = (['charged', 'paid', 'owed'] as const).map((of) =>
    printShortest(sumMoney(lines.map((line) => line[of]))),
  ) as [string, string, string]
  return {
    paid: sumMoney(lines.map((line) => line.paid)),
    segments: [
      [
        'CLP',
        control,
        isDenied ? '4' : '1',
        charged,
        paid,
        owed,
        'CI',
        `P${control.slice(1, 10)}`,
        '11',
        '1',
      ],
      ['NM1', 'QC', '1', 'Patient', 'A'],
      ...lines.flatMap(({ segments }) => segments),
    ],
  }
}

function decideLine(item: JsonObject, isDenied: boolean) {
  const charged = moneyAt(objectAt(item, 'net') ?? {}, 'value', 'Claim.item.net')
  const allowed = isDenied ? NO_MONEY : quantityTimesToTheCent(charged, '0.8', 'Claim.item.net')
  const owed = isDenied ? NO_MONEY : quantityTimesToTheCent(allowed, '0.15', 'Claim.item.net')
  const paid = subtractMoney(allowed, owed)
  const control = objectsAt(item, 'extension').flatMap(
    (one) => textAt(objectAt(one, 'valueIdentifier'), 'value') ?? [],
  )
  const reduced = printShortest(subtractMoney(charged, allowed))
  const segments: readonly Segment[] = [
    [
      'SVC',
      ['HC', codeIn(objectAt(item, 'productOrService')) ?? ''],
      printShortest(charged),
      printShortest(paid),
    ],
    ['DTM', '472', (textAt(item, 'servicedDate') ?? '').replaceAll('-', '')],
    ['CAS', 'CO', isDenied ? '197' : '45', reduced],
    ...(owed === NO_MONEY ? [] : [['CAS', 'PR', '2', printShortest(owed)] as const]),
    ...control.map((number) => ['REF', '6R', number] as const),
    ...(isDenied ? [] : [['AMT', 'B6', printShortest(allowed)] as const]),
  ]
  return { charged, paid, owed, segments }
}

function blank(count: number): readonly string[] {
  return Array.from({ length: count }, () => '')
}

function serviceDay(claim: Resource): string {
  return textAt(objectAt(claim, 'billablePeriod'), 'end') ?? ''
}

function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10)
}

function referenceAt(claim: Resource, element: string): string {
  return textAt(objectAt(claim, element), 'reference') ?? ''
}

function nameOf(party: Resource): string {
  return (textAt(party, 'name') ?? '').replace(/[^A-Za-z0-9 ]/g, '')
}

function npiOf(party: Resource): string {
  const npi = objectsAt(party, 'identifier').find(({ system }) => system === 'http://hl7.org/fhir/sid/us-npi')
  return textAt(npi, 'value') ?? ''
}

async function read(repository: Repository, reference: string): Promise<Resource> {
  const [type = '', id = ''] = reference.split('/')
  const { body } = await repository.read(type, id)
  const resource = parseJson(body as Buffer)
  if (!isJsonObject(resource)) throw new Error(`${type} is no resource`)
  return resource as Resource
}
