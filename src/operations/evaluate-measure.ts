// $evaluate-measure: what a Measure comes to for patients (https://hl7.org/fhir/R4/operation-measure-evaluate-measure.html).
import { labelsKeptApart } from '../access/index.ts'
import {
  evaluateMeasure,
  findMeasure,
  readMeasure,
  type CohortAsked,
  type MeasurementPeriod,
  type ReportType,
} from '../behavioral/index.ts'
import {
  formatInstant,
  ID_PATTERN,
  isDate,
  isDateTime,
  evaluatorOnDemand,
  parseReference,
} from '../fhir/index.ts'
import {
  BY_ANY_METHOD,
  type Operation,
  type OperationAnswer,
  type OperationCall,
  type Pair,
} from './operation.ts'
import { readDate, refused, refuseOthers, single } from './parameters.ts'

const PARAMETERS = [
  { name: 'periodStart', documentation: 'The first day that is measured: 2025-01-01, or 2025 for that.' },
  { name: 'periodEnd', documentation: 'The last day that is measured: 2025-12-31, or 2025 for that.' },
  {
    name: 'measure',
    documentation: 'The Measure, at type level: its id, or its canonical URL, perhaps with |version.',
  },
  {
    name: 'reportType',
    documentation:
      'subject, subject-list or population; subject when there is a subject, population otherwise.',
  },
  { name: 'subject', documentation: 'A Patient or Group; everybody when not given.' },
  {
    name: 'practitioner',
    documentation: 'Only patients who name this Practitioner as general practitioner.',
  },
  { name: 'lastReceivedOn', documentation: 'Has no effect: reports are made anew each time.' },
]

/** What the operation calls a report, and what MeasureReport does. */
const REPORT_TYPES: Readonly<Record<string, ReportType>> = {
  subject: 'individual',
  'subject-list': 'subject-list',
  population: 'summary',
}

export const EVALUATE_MEASURE: Operation = {
  name: 'evaluate-measure',
  type: 'Measure',
  levels: { type: BY_ANY_METHOD, instance: BY_ANY_METHOD },
  takesResource: [],
  affectsState: false,
  answers: 'Resource',
  definition: 'https://alcove.health/fhir/OperationDefinition/evaluate-measure',
  summary:
    'A MeasureReport of what a Measure comes to, for a patient, a group or everybody; of several patients each, a Bundle of them.',
  parameters: PARAMETERS,
  run,
}

async function run(call: OperationCall): Promise<OperationAnswer> {
  const { search, definitions, id } = call
  // Notes that the law keeps apart are not for measuring care (45 CFR 164.508(a)(2)).
  const repository = call.repository.leavingOut(labelsKeptApart([]))
  const pairs = refuseOthers(
    call.pairs,
    PARAMETERS.map(({ name }) => name),
    call.handling,
  )
  const period = readPeriod(pairs)
  const cohort = readCohort(pairs)
  const type = readReportType(pairs, cohort)
  const warnings = readLastReceived(pairs)
  const name = single(pairs, 'measure')
  if (id !== '' && name !== undefined)
    throw refused('measure', 'it is for the type level; the URL names the Measure already.')
  if (id === '' && name === undefined) throw refused('measure', 'it must name a Measure.')

  const resource = await findMeasure(id === '' ? (name as string) : `Measure/${id}`, repository)
  const measure = readMeasure(resource, { definitions, prepare: evaluatorOnDemand })
  const asked = { measure, period, type, cohort, warnings }
  return { kind: 'resource', resource: await evaluateMeasure(asked, { repository, search }) }
}

function readPeriod(pairs: readonly Pair[]): MeasurementPeriod {
  const day = (name: string, end: boolean): string => {
    const text = single(pairs, name)
    if (text === undefined) throw refused(name, 'it must be given.')
    const range = isDate(text) ? readDate(name, text) : undefined
    if (range === undefined) throw refused(name, 'it must be a date, such as 2025 or 2025-12-31.')
    return formatInstant(end ? range.high - 1 : range.low).slice(0, 'YYYY-MM-DD'.length)
  }
  const [start, end] = [day('periodStart', false), day('periodEnd', true)]
  if (end < start) throw refused('periodEnd', 'it must not be before periodStart.')
  return { start, end }
}

function readCohort(pairs: readonly Pair[]): CohortAsked {
  const subject = readReference(pairs, 'subject', ['Patient', 'Group'])
  const practitioner = readReference(pairs, 'practitioner', ['Practitioner'])
  return { subject, practitioner: practitioner?.id }
}

/** `Type/id`, or an id of the first of these types. */
function readReference<Type extends string>(
  pairs: readonly Pair[],
  name: string,
  types: readonly [Type, ...Type[]],
): { readonly type: Type; readonly id: string } | undefined {
  const text = single(pairs, name)
  if (text === undefined) return undefined
  if (ID_PATTERN.test(text)) return { type: types[0], id: text }
  const reference = parseReference(text)
  if (reference.kind === 'local' && reference.versionId === undefined) {
    const type = types.find((it) => it === reference.type)
    if (type !== undefined) return { type, id: reference.id }
  }
  throw refused(name, `it must be a reference such as ${types[0]}/1; of the types ${types.join(' or ')}.`)
}

function readReportType(pairs: readonly Pair[], { subject }: CohortAsked): ReportType {
  const text = single(pairs, 'reportType') ?? (subject === undefined ? 'population' : 'subject')
  if (Object.hasOwn(REPORT_TYPES, text)) return REPORT_TYPES[text] as ReportType
  throw refused('reportType', `it must be ${Object.keys(REPORT_TYPES).join(', ')}.`)
}

function readLastReceived(pairs: readonly Pair[]): readonly string[] {
  const text = single(pairs, 'lastReceivedOn')
  if (text === undefined) return []
  if (!isDateTime(text.replace(/ (?=\d\d:\d\d$)/, '+')))
    throw refused('lastReceivedOn', 'it must be a dateTime.')
  return ['lastReceivedOn has no effect: this report is made of all that is there now.']
}
