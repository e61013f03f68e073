// Questionnaires answered at visits. Their scores, and what follows from an answer about self-harm, are the server's.
import { encounterId, encounterReference, spread, type Chart } from './chart.ts'
import { loinc, type Entry } from './concepts.ts'
import { instrumentOf, itemScores, type InstrumentId } from './instruments.ts'

export function assessments(chart: Chart): Entry[] {
  return Object.entries(chart.person.scores).flatMap(([instrument, scores]) =>
    scores.map((score, index) =>
      assessment(
        chart,
        instrument as InstrumentId,
        score,
        spread(index, scores.length, chart.visitDays.length),
      ),
    ),
  )
}

function assessment(chart: Chart, instrumentId: InstrumentId, total: number, visit: number): Entry {
  const { calendar, patient, visitDays } = chart
  const instrument = instrumentOf(instrumentId)
  const when = calendar.time(visitDays[visit] ?? 0, '08:50')
  const id = `${encounterId(chart, visit)}-${instrumentId}`
  // What someone drinks is a record of substance use treatment; a depression score at the same clinic is one too.
  const encounter = encounterReference(chart, visit)
  const scores = itemScores(instrument, total)
  return {
    resourceType: 'QuestionnaireResponse',
    id,
    questionnaire: `https://alcove.health/fhir/Questionnaire/${instrumentId}`,
    status: 'completed',
    subject: patient,
    encounter,
    authored: when,
    author: patient,
    source: patient,
    item: instrument.questions.map(({ code, text, answers }, question) => {
      const score = scores[question] ?? 0
      const answer = answers[score]
      if (answer === undefined) throw new Error(`${instrument.title} has no answer worth ${score}`)
      return {
        linkId: `/${code}`,
        text,
        answer: [{ valueCoding: loinc(answer.code, answer.display) }],
      }
    }),
  }
}
