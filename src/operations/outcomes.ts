// Patient/$outcomes: the course of scores and diaries, and what has become of them; in figures, or drawn.
import { coursesOf, drawCourses } from '../behavioral/index.ts'
import { FhirError, isDate, parseDateRange } from '../fhir/index.ts'
import { splitUnescaped } from '../search/index.ts'
import { BY_ANY_METHOD, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { outcomesParameters } from './outcomes-answer.ts'
import { refused, refuseOthers, single } from './parameters.ts'

const PICTURE = 'image/svg+xml'
/** Each is a search. */
const MOST_CODES = 20

const PARAMETERS = [
  {
    name: 'instrument',
    documentation:
      'Canonical of a Questionnaire that scores; may stand several times. Every one that there are scores of, when neither it nor code is given.',
  },
  {
    name: 'code',
    documentation:
      'Code of Observations, or of components of them, that are a diary: system|code or code; may stand several times.',
  },
  { name: 'start', documentation: 'Only what was measured on or after this date.' },
  { name: 'end', documentation: 'Only what was measured on or before this date.' },
  {
    name: 'baseline',
    documentation:
      'Change is told from the first score on or after this date; from the first that is shown, when not given.',
  },
] as const

export const PATIENT_OUTCOMES: Operation = {
  name: 'outcomes',
  type: 'Patient',
  levels: { instance: BY_ANY_METHOD },
  takesResource: [],
  affectsState: false,
  answers: 'Parameters',
  alsoIn: [PICTURE],
  definition: 'https://alcove.health/fhir/OperationDefinition/outcomes',
  summary:
    'The course of a patient: scores of each instrument over time, change, response and remission by its own rules, what is due next, and diaries; as Parameters or as a chart.',
  parameters: PARAMETERS,
  run: outcomes,
}

async function outcomes(call: OperationCall): Promise<OperationAnswer> {
  const { id, handling, repository, search, instruments, mediaType } = call
  const pairs = refuseOthers(
    call.pairs,
    PARAMETERS.map(({ name }) => name),
    handling,
  )
  const all = (name: string): readonly string[] => {
    const values = pairs.filter(([known]) => known === name).map(([, value]) => value)
    if (values.includes('')) throw refused(name, 'it has no value.')
    return values
  }
  const start = readDay('start', single(pairs, 'start'))
  const end = readDay('end', single(pairs, 'end'))
  if (start !== undefined && end !== undefined && start.low >= end.high)
    throw refused('end', 'it is before start.')
  const codes = [...new Set(all('code').flatMap((value) => splitUnescaped(value, ',')))]
  if (codes.includes('')) throw refused('code', 'a code has no value.')
  if (codes.length > MOST_CODES) throw refused('code', `it names more than ${MOST_CODES} codes.`)
  if (instruments === undefined)
    throw new FhirError('not-implemented', 'This server knows of no instruments.')
  const courses = await coursesOf(
    { repository, search, readInstrument: (questionnaire) => instruments.read(questionnaire) },
    {
      patientId: id,
      instruments: all('instrument'),
      codes,
      window: { low: start?.low ?? -Infinity, high: end?.high ?? Infinity },
      baseline: readDay('baseline', single(pairs, 'baseline'))?.low,
    },
  )
  if (mediaType === PICTURE) return { kind: 'bytes', mediaType: PICTURE, body: await drawCourses(courses) }
  return { kind: 'resource', resource: outcomesParameters(id, courses) }
}

/** The days that a date names. @throws FhirError `invalid-search` for a time: a day is one where it was measured */
function readDay(name: string, text: string | undefined): ReturnType<typeof parseDateRange> {
  if (text === undefined) return undefined
  if (!isDate(text)) throw refused(name, 'it must be a date, such as 2024, 2024-05 or 2024-05-31.')
  return parseDateRange(text)
}
