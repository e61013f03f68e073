// Patient/$outcomes: the course of scores and diaries, and what has become of them; in figures, or drawn.
import { coursesOf, drawCourses } from '../behavioral/index.ts'
import { FhirError } from '../fhir/index.ts'
import { splitUnescaped } from '../search/index.ts'
import { BY_ANY_METHOD, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { outcomesParameters } from './outcomes-answer.ts'
import { readDate, refused, refuseOthers, single } from './parameters.ts'

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
  const start = readDate('start', single(pairs, 'start'))
  const end = readDate('end', single(pairs, 'end'))
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
      baseline: readDate('baseline', single(pairs, 'baseline'))?.low,
    },
  )
  if (mediaType === PICTURE) return { kind: 'bytes', mediaType: PICTURE, body: await drawCourses(courses) }
  return { kind: 'resource', resource: outcomesParameters(id, courses) }
}
