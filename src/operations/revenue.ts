// $revenue: what was charged, allowed, paid, denied and is open, by payer, month, clinician and service.
import { drawRevenue, REVENUE_GROUPS, revenueOf, type RevenueGroup } from '../billing/index.ts'
import { FhirError, formatInstant, ID_PATTERN, isDate, parseReference } from '../fhir/index.ts'
import { callerView } from './caller-view.ts'
import {
  BY_ANY_METHOD,
  type Operation,
  type OperationAnswer,
  type OperationCall,
  type Pair,
} from './operation.ts'
import { readDate, refused, refuseOthers, single } from './parameters.ts'
import { revenueParameters } from './revenue-answer.ts'

const PICTURE = 'image/svg+xml'
/** Each is a condition of one search. */
const MOST_NAMED = 20
/** The months that are told of when no start is given, the last one included. */
const MONTHS = 12

const PARAMETERS = [
  {
    name: 'start',
    documentation:
      'The first day of service: 2026-01-01, or 2026-01 or 2026 for that. The first of the eleventh month before that of end, when not given.',
  },
  {
    name: 'end',
    documentation: 'The last day of service: 2026-03-31, or 2026-03 for that. Today, when not given.',
  },
  {
    name: 'group',
    documentation:
      'payer, month (of service), clinician or code (of the service): a row for each. May stand several times: a row for each combination, in that order.',
  },
  { name: 'payer', documentation: 'Only claims to this Organization; may stand several times.' },
  {
    name: 'clinician',
    documentation:
      'Only lines of this Practitioner, in whatever role, PractitionerRole or Organization; may stand several times.',
  },
] as const

export const REVENUE: Operation = {
  name: 'revenue',
  type: '',
  levels: { system: BY_ANY_METHOD },
  takesResource: [],
  affectsState: false,
  answers: 'Parameters',
  alsoIn: [PICTURE],
  definition: 'https://alcove.health/fhir/OperationDefinition/revenue',
  summary:
    'What was charged, allowed, paid, adjusted, denied and is open, days to payment and aging, by payer, month, clinician or service; as Parameters or as a chart.',
  parameters: PARAMETERS,
  run,
}

async function run(call: OperationCall): Promise<OperationAnswer> {
  const { repository, search, billing, handling, mediaType, now } = call
  const pairs = refuseOthers(
    call.pairs,
    PARAMETERS.map(({ name }) => name),
    handling,
  )
  const today = formatInstant(now).slice(0, 'YYYY-MM-DD'.length)
  const end = readDay(pairs, 'end', true) ?? today
  const start = readDay(pairs, 'start', false) ?? monthsBefore(end, MONTHS - 1)
  if (end < start) throw refused('end', 'it must not be before start.')
  const groups = all(pairs, 'group').map(readGroup)
  if (new Set(groups).size < groups.length) throw refused('group', 'it names one twice.')
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  const { baseUrl } = billing
  const read = (name: string, types: readonly [string, ...string[]]) =>
    all(pairs, name).map((text) => readReference(name, text, types, baseUrl))
  const payers = read('payer', ['Organization']).map(({ id }) => id)
  const clinicians = read('clinician', ['Practitioner', 'PractitionerRole', 'Organization'])
  const revenue = await revenueOf(
    { start, end, groups, payers, clinicians: clinicians.map(({ type, id }) => `${type}/${id}`), today },
    { repository, view: callerView(repository), search, baseUrl },
  )
  if (mediaType === PICTURE) return { kind: 'bytes', mediaType: PICTURE, body: await drawRevenue(revenue) }
  return { kind: 'resource', resource: revenueParameters(revenue) }
}

function all(pairs: readonly Pair[], name: string): readonly string[] {
  const values = pairs.filter(([known]) => known === name).map(([, value]) => value)
  if (values.includes('')) throw refused(name, 'it has no value.')
  if (values.length > MOST_NAMED) throw refused(name, `it stands more than ${MOST_NAMED} times.`)
  return values
}

/** `YYYY-MM-DD`: the first day that a date names, or the last. */
function readDay(pairs: readonly Pair[], name: string, isEnd: boolean): string | undefined {
  const text = single(pairs, name)
  if (text === undefined) return undefined
  const range = isDate(text) ? readDate(name, text) : undefined
  if (range === undefined) throw refused(name, 'it must be a date, such as 2026, 2026-03 or 2026-03-31.')
  return formatInstant(isEnd ? range.high - 1 : range.low).slice(0, 'YYYY-MM-DD'.length)
}

/** The first day of the month so many months before that of a day. */
function monthsBefore(day: string, months: number): string {
  const [year, month] = day.split('-').map(Number) as [number, number]
  const first = year * 12 + (month - 1) - months
  const padded = (value: number, digits: number): string => String(value).padStart(digits, '0')
  return first < 12 ? '0001-01-01' : `${padded(Math.floor(first / 12), 4)}-${padded((first % 12) + 1, 2)}-01`
}

function readGroup(text: string): RevenueGroup {
  const group = REVENUE_GROUPS.find((name) => name === text)
  if (group === undefined) throw refused('group', `it must be one of ${REVENUE_GROUPS.join(', ')}.`)
  return group
}

/** `Type/id`, or an id of the first of these types. */
function readReference(
  name: string,
  text: string,
  types: readonly [string, ...string[]],
  baseUrl: string,
): { readonly type: string; readonly id: string } {
  if (ID_PATTERN.test(text)) return { type: types[0], id: text }
  const reference = parseReference(text, baseUrl)
  if (reference.kind === 'local' && reference.versionId === undefined && types.includes(reference.type))
    return reference
  throw refused(name, `it must be a reference such as ${types[0]}/1; of the type ${types.join(' or ')}.`)
}
