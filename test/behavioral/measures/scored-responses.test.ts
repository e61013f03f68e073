// What Measures count are the scores that the server makes of responses itself.
import t from 'tap'
import type { JsonObject } from '../../../src/fhir/index.ts'
import { assessingServer } from '../danger/assessing-server.ts'
import { phq9, patient } from '../danger/responses.ts'
import { coded, countsOf, evaluate, ICD10, putShipped } from './practice.ts'

const DEEP = [2, 2, 2, 2, 2, 1, 1, 0, 0]
const WELL = [1, 1, 0, 0, 0, 0, 0, 0, 0]

const visit = (id: string, day: string): JsonObject => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: 'Patient/p' },
  period: { start: `${day}T09:00:00Z`, end: `${day}T10:00:00Z` },
  diagnosis: [{ condition: { reference: 'Condition/d' } }],
})

const yes = { valueCoding: { system: 'http://loinc.org', code: 'LA33-6' } }
const no = { valueCoding: { system: 'http://loinc.org', code: 'LA32-8' } }

const screener = (
  id: string,
  authored: string,
  answers: Readonly<Record<string, JsonObject>>,
): JsonObject => ({
  resourceType: 'QuestionnaireResponse',
  id,
  questionnaire: 'https://alcove.health/fhir/Questionnaire/c-ssrs-screener-recent',
  status: 'completed',
  subject: { reference: 'Patient/p' },
  authored,
  item: Object.entries(answers).map(([linkId, answer]) => ({ linkId, answer: [answer] })),
})

t.test('responses make it through scores into reports, and out of them again', async (t) => {
  const server = await assessingServer(t)
  await putShipped(server)
  await server.put(patient('p', { birthDate: '1980-05-01' }))
  await server.put({
    resourceType: 'Condition',
    id: 'd',
    subject: { reference: 'Patient/p' },
    code: coded(ICD10, 'F33.1'),
    clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
    verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
    onsetDateTime: '2020-01-01',
  })
  await server.put(visit('v', '2025-03-10'))
  const answered = (id: string, scores: readonly number[], authored: string, status = 'completed') =>
    server.put(phq9(scores, { id, authored, status }))
  await answered('first', DEEP, '2025-03-10T08:50:00Z')

  const remission = async (): Promise<unknown> =>
    countsOf(
      await evaluate(server, 'depression-remission-twelve-months', 'periodStart=2026&periodEnd=2026'),
    )[0]
  const inDenominator = { 'initial-population': 1, denominator: 1, 'denominator-exclusion': 0 }
  t.same(await remission(), { ...inDenominator, numerator: 0 })
  await answered('later', WELL, '2026-03-20T09:00:00Z')
  t.same(await remission(), { ...inDenominator, numerator: 1 })
  await answered('later', DEEP, '2026-03-20T09:00:00Z', 'amended')
  t.same(await remission(), { ...inDenominator, numerator: 0 }, 'amended')
  await answered('later', WELL, '2026-03-20T09:00:00Z', 'amended')
  t.same(await remission(), { ...inDenominator, numerator: 1 })
  await answered('later', WELL, '2026-03-20T09:00:00Z', 'entered-in-error')
  t.same(await remission(), { ...inDenominator, numerator: 0 }, 'withdrawn')

  const risk = async (): Promise<unknown> =>
    countsOf(
      await evaluate(server, 'suicide-risk-assessment-major-depression', 'periodStart=2025&periodEnd=2025'),
    )[0]
  t.same(await risk(), { 'initial-population': 1, denominator: 1, numerator: 0 })
  await server.put(screener('part', '2025-03-10T09:10:00Z', { '/93246-7': no }))
  t.same(
    await risk(),
    { 'initial-population': 1, denominator: 1, numerator: 0 },
    'not answered enough to tell',
  )
  await server.put(
    screener('full', '2025-03-10T09:20:00Z', { '/93246-7': yes, '/93247-5': no, '/93267-3': no }),
  )
  t.same(await risk(), { 'initial-population': 1, denominator: 1, numerator: 1 })
})
