// All that any instrument which ships makes of any answers fits US Core's Screening Assessment profile
// (http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-screening-assessment), and is valid R4.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import {
  readInstrument,
  scoreResponse,
  type Instrument,
  type Question,
} from '../../../src/behavioral/index.ts'
import { wantedParts } from '../../../src/behavioral/assessments/follow-ups.ts'
import { idOf, partOf, withId } from '../../../src/behavioral/assessments/made-from.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import {
  loadDefinitions,
  evaluatorOnDemand,
  parseJson,
  type JsonObject,
  type Resource,
} from '../../../src/fhir/index.ts'
import { seeded } from '../../e2e/crash/seeded.ts'

const PROFILE = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-screening-assessment'
const ROUNDS = 20

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

const validator = createValidator(loadDefinitions())
const evaluators = evaluatorOnDemand
const folder = new URL('../../../profiles/questionnaires/', import.meta.url)
const instruments = readdirSync(folder).map(
  (file) =>
    readInstrument(parseJson(readFileSync(new URL(file, folder))) as Resource, evaluators) as Instrument,
)

/** Faults against the profile, as its differential has it. */
function faultsOf(observation: Loose, isPanel: boolean, isScore: boolean): readonly string[] {
  const values = Object.keys(observation).filter((key) => key.startsWith('value'))
  const surveys = observation.category.filter((category: Loose) =>
    category.coding.some(
      ({ system, code }: Loose) =>
        system === 'http://terminology.hl7.org/CodeSystem/observation-category' && code === 'survey',
    ),
  )
  const rules: Record<string, boolean> = {
    'meta.profile says so': observation.meta.profile.includes(PROFILE),
    'status 1..1': observation.status === 'final',
    'category:survey 1..1': surveys.length === 1,
    'code 1..1': observation.code.text !== '' || observation.code.coding.length > 0,
    'subject 1..1': observation.subject?.reference === 'Patient/p',
    effectiveDateTime: observation.effectiveDateTime === '2026-01-30T09:00:00Z',
    'performer, but of what is made of other answers':
      isScore === !('performer' in observation) &&
      (isScore || observation.performer[0].reference === 'Practitioner/d'),
    'derivedFrom the response': observation.derivedFrom[0].reference === 'QuestionnaireResponse/r',
    'us-core-2: a value or its absence without members':
      'hasMember' in observation || values.length === 1 || 'dataAbsentReason' in observation,
    'obs-6: no absence of a value that is there': values.length === 0 || !('dataAbsentReason' in observation),
    'no value on a panel': !isPanel || (values.length === 0 && !('dataAbsentReason' in observation)),
    UCUM: !('valueQuantity' in observation) || observation.valueQuantity.code !== undefined,
  }
  return Object.keys(rules).filter((rule) => rules[rule] !== true)
}

function answerTo(
  { type, options }: Question,
  gravest: boolean,
  random: () => number,
): JsonObject | undefined {
  const [heaviest] = options.toSorted((a, b) => (b.weight ?? 0) - (a.weight ?? 0))
  const option = gravest ? heaviest : options[Math.floor(random() * options.length)]
  if (option !== undefined) return { [option.property]: option.value }
  switch (type) {
    case 'boolean':
      return { valueBoolean: random() < 0.5 }
    case 'integer':
      return { valueInteger: Math.floor(random() * 31) }
    case 'decimal':
      return { valueDecimal: Math.floor(random() * 31) }
    case 'string':
    case 'text':
      return { valueString: 'x' }
    default:
      return undefined
  }
}

/** @param share of the questions that are answered; @param gravest with the answers that weigh most */
function responseTo(
  { questions, url }: Instrument,
  share: number,
  gravest: boolean,
  random: () => number,
): Resource {
  const answers = [...questions.values()].flatMap((question) => {
    const answer = random() < share ? answerTo(question, gravest, random) : undefined
    return answer === undefined ? [] : [{ linkId: question.linkId, answer: [answer] }]
  })
  return {
    resourceType: 'QuestionnaireResponse',
    id: 'r',
    questionnaire: url,
    status: 'completed',
    subject: { reference: 'Patient/p' },
    authored: '2026-01-30T09:00:00Z',
    author: { reference: 'Practitioner/d' },
    ...(answers.length === 0 ? {} : { item: answers }),
  }
}

for (const instrument of instruments)
  t.test(instrument.title, async (t) => {
    const random = seeded(instrument.url.length)
    let raised = 0
    for (let round = 0; round < ROUNDS; round++) {
      const share = round === 0 ? 0 : round < ROUNDS / 2 ? 1 : 0.8
      const response = responseTo(instrument, share, round === 1, random)
      const patient = { resourceType: 'Patient', gender: round % 2 === 0 ? 'male' : 'female' }
      const scored = scoreResponse(instrument, response, { patient })
      const made = wantedParts(scored, response, 'r').map(({ part, build }) => ({
        part,
        resource: withId(build({ idOf, owner: { reference: 'CareTeam/c' } }), idOf(part)),
      }))
      t.equal(
        new Set(made.map(({ part }) => `${part.type}/${idOf(part)}`)).size,
        made.length,
        'each has its own id',
      )
      for (const { resource } of made) {
        const errors = validator.validate(resource).filter(({ severity }) => severity === 'error')
        if (errors.length > 0) t.same(errors, [], `${resource.resourceType} of round ${round}`)
      }
      const observations = made.filter(({ part }) => part.type === 'Observation')
      const panel = observations.at(-1)?.resource
      for (const { part, resource } of observations) {
        const isScore = instrument.scores.some(
          ({ linkId }) => part.name === partOf('Observation', 'r', `0 ${linkId}`).name,
        )
        const faults = faultsOf(resource, resource === panel, isScore)
        if (faults.length > 0) t.same(faults, [], JSON.stringify(resource))
      }
      t.equal((panel as Loose).hasMember.length, observations.length - 1)
      const coded = [...scored.answers.values()].filter(({ question }) => question.codes.length > 0)
      t.equal(observations.length, coded.length + instrument.scores.length + 1)
      raised += made.length - observations.length
    }
    if (instrument.alerts.some(({ raisesFlag, priority }) => raisesFlag || priority !== undefined))
      t.ok(raised > 0, `${raised} alerts`)
  })
