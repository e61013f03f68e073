// Questionnaires answered at visits, each with the Observation of its score.
import { encounterId, encounterReference, spread, type Chart } from './chart.ts'
import { coding, concept, hl7, loinc, reference, SYSTEM, type Entry } from './concepts.ts'
import { instrumentOf, itemScores, type InstrumentId } from './instruments.ts'
import { staffReference } from './staff.ts'

const ORDINAL_VALUE = 'http://hl7.org/fhir/StructureDefinition/ordinalValue'

export function assessments(chart: Chart): Entry[] {
  return Object.entries(chart.person.scores).flatMap(([instrument, scores]) =>
    scores.flatMap((score, index) =>
      assessment(
        chart,
        instrument as InstrumentId,
        score,
        spread(index, scores.length, chart.visitDays.length),
      ),
    ),
  )
}

function assessment(chart: Chart, instrumentId: InstrumentId, total: number, visit: number): Entry[] {
  const { person, calendar, patient, visitDays } = chart
  const instrument = instrumentOf(instrumentId)
  const when = calendar.time(visitDays[visit] ?? 0, '08:50')
  const id = `${encounterId(chart, visit)}-${instrumentId}`
  // What someone drinks is a record of substance use treatment; a depression score at the same clinic is one too.
  const encounter = encounterReference(chart, visit)
  const scores = itemScores(instrument, total)
  const response: Entry = {
    resourceType: 'QuestionnaireResponse',
    id,
    questionnaire: `http://loinc.org/q/${instrument.panel}`,
    status: 'completed',
    subject: patient,
    encounter,
    authored: when,
    author: patient,
    source: patient,
    item: instrument.questions.map(({ text, answers }, question) => {
      const score = scores[question] ?? 0
      const answer = answers[score]
      if (answer === undefined) throw new Error(`${instrument.title} has no answer worth ${score}`)
      return {
        linkId: String(question + 1),
        text,
        answer: [
          {
            valueCoding: {
              extension: [{ url: ORDINAL_VALUE, valueDecimal: score }],
              ...loinc(answer.code, answer.display),
            },
          },
        ],
      }
    }),
  }
  const positive = total >= instrument.positiveFrom
  const observation: Entry = {
    resourceType: 'Observation',
    id: `${id}-score`,
    status: 'final',
    category: [hl7('observation-category', 'survey', 'Survey')],
    code: concept(`${instrument.title} total score`, loinc(instrument.score.code, instrument.score.display)),
    subject: patient,
    encounter,
    effectiveDateTime: when,
    issued: when,
    performer: [staffReference(person.therapist)],
    valueQuantity: { value: total, unit: 'score', system: SYSTEM.ucum, code: '{score}' },
    interpretation: [
      {
        coding: [
          coding(
            'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
            positive ? 'POS' : 'NEG',
            positive ? 'Positive' : 'Negative',
          ),
        ],
      },
    ],
    derivedFrom: [reference('QuestionnaireResponse', id)],
  }
  return [response, observation]
}

/** The latest visit at which the question about self-harm was answered other than "not at all", if any was. */
export function selfHarmVisit(chart: Chart): number | undefined {
  const instrument = instrumentOf('phq-9')
  const scores = chart.person.scores['phq-9'] ?? []
  const last = scores.findLastIndex((total) => (itemScores(instrument, total)[8] ?? 0) > 0)
  return last === -1 ? undefined : spread(last, scores.length, chart.visitDays.length)
}
